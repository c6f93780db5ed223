/* Sending the ballot: sealed, again and again until the answer is certain, then nothing is left. */
window.kaohe.chapters.push(function (ballot) {
  'use strict';

  var kaohe = window.kaohe;
  var AGAIN = 2000;
  var PAUSED_FOR = 8000;
  var castButton = null;
  var formTitle = document.title;

  /* What seals comes once the form can be used; whoever confirms before that waits for it. */
  ballot.withSeal = function (act) {
    if (kaohe.writeBody) { act(); return; }
    var script = kaohe.element('script');
    script.src = ballot.url + '/seal.js';
    script.onload = act;
    script.onerror = function () {
      kaohe.remove(script);
      window.setTimeout(function () { ballot.withSeal(act); }, AGAIN);
    };
    document.body.appendChild(script);
  };

  /* A nonce is made for one body and never sent with another: a reply to it speaks of exactly these choices. */
  ballot.confirmCast = function (event) {
    var stored = ballot.stored(ballot.ticket);
    castButton = event.target;
    castButton.disabled = true;
    if (ballot.tellCast(ballot.ticket)) { return; }
    if (stored.body) {
      /* Another page of this phone is sending this ticket with choices of its own; only those can have come in. */
      ballot.draft = stored;
      ballot.isAnothers = true;
    } else {
      ballot.withSeal(seal);
      return;
    }
    ballot.send();
  };

  function seal() {
    if (ballot.isFinished) { return; }
    ballot.draft.nonce = kaohe.newNonce();
    kaohe.writeBody(ballot);
    if (!ballot.draft.body) {
      castButton.disabled = false;
      ballot.closeReview(null);
      ballot.refuseInPlace(kaohe.refusal || '有一格填写的内容不能提交，请逐项核对后再提交。');
    } else {
      ballot.send();
    }
  }

  ballot.send = function () {
    var screen = kaohe.sendingScreen();
    ballot.save();
    ballot.main.hidden = true;
    document.body.appendChild(screen.main);
    document.title = '正在提交';
    screen.heading.focus();
    window.scrollTo(0, 0);
    kaohe.ask(ballot.url, ballot.draft.body, {
      unsure: screen.unsure,
      answered: function (page) {
        var receipt = page.querySelector('[data-receipt]');
        if (!receipt) { return false; }
        var code = ballot.ticket;
        var proof = ballot.draft.nonce;
        var body = ballot.draft.body;
        ballot.markCast(code, receipt.getAttribute('data-receipt'));
        if (ballot.isAnothers) { ballot.tellCast(code); return true; }
        kaohe.sayResent(page, ballot.draft);
        end(page, '已收到');
        showProof(proof);
        offerCheck(body);
        ballot.offerNext(document.querySelector('main'));
        return true;
      },
      refused: function (code, text, page) {
        document.title = formTitle;
        if (code === 'ticket_used' && ballot.tellCast(ballot.ticket)) { return; }
        if (kaohe.isFinal(code)) { end(page, text, code); return; }
        ballot.draft.body = '';
        ballot.draft.nonce = '';
        ballot.isAnothers = false;
        kaohe.remove(screen.main);
        ballot.main.hidden = false;
        if (code !== 'meeting_paused') { ballot.closeReview(null); ballot.leaveStep(); }
        if (code.indexOf('ticket_') === 0) { ballot.sayOfTicket(text); } else { ballot.refuseInPlace(text); }
        ballot.save();
        if (code === 'meeting_paused') { sendAfterPause(castButton); }
      }
    });
  };

  /* Of its own accord only what has been confirmed: the very list of choices that is still shown, and nothing else. */
  function sendAfterPause(button) {
    window.setTimeout(function () {
      if (button === castButton && !button.disabled && document.documentElement.contains(button)) { button.click(); }
    }, PAUSED_FOR + Math.random() * PAUSED_FOR);
  }

  /* The challenge code is the phone's own secret: the server has only functions of it, and a receipt does not tell it. */
  function showProof(nonce) {
    var part = document.querySelector('[data-proof]');
    if (!part) { return; }
    part.querySelector('.code').textContent = nonce.replace(/(.{4})(?!$)/g, '$1 ');
    part.hidden = false;
  }

  /* Of what was sent only the envelope stays on the page, so that whoever wants to can have it looked for in the list. */
  function offerCheck(body) {
    var button = document.querySelector('[data-check]');
    if (!button || body.indexOf('&box=') < 0) { return; }
    kaohe.sent = body.slice(body.indexOf('&tag='));
    button.hidden = false;
    button.addEventListener('click', function () {
      var script = kaohe.element('script');
      button.disabled = true;
      script.src = button.getAttribute('data-check');
      script.onerror = function () { button.disabled = false; };
      document.body.appendChild(script);
    });
  }

  /* The choices leave the phone's storage and the page together. */
  ballot.letGo = function () {
    ballot.isFinished = true;
    ballot.forget();
    kaohe.setFragment('');
    ballot.draft = null;
    ballot.ticket = '';
  };

  function end(page, title, code) {
    var held = ballot.ticket;
    ballot.letGo();
    kaohe.showPage(page, title);
    /* Where the same ticket goes on, in the next round or on the form of its group, it need not be scanned again. */
    if (code === 'round_changed' || code === 'ticket_other_form') {
      kaohe.each(document.querySelectorAll('main .again'), function (link) { link.hash = held; });
    }
  }
});
