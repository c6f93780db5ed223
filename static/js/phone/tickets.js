/* The ticket: from the fragment, from the shared code, or typed. */
window.kaohe.chapters.push(function (ballot) {
  'use strict';

  var kaohe = window.kaohe;
  var byId = kaohe.byId;
  var tab = kaohe.tab;
  var storageKeys = ballot.storageKeys;
  var field = ballot.form.elements.ticket;
  var hintOfTicket = byId('ticket-hint').textContent;
  var read = kaohe.element('div', 'ticket-read');

  var ASKED_WITHIN = 3000;

  ballot.ticketField = field;

  ballot.useTicket = function (code) {
    var stored = ballot.stored(code);
    if (!stored.body && ballot.tellCast(code)) { return; }
    if (ballot.ticket && ballot.ticket !== code) { ballot.drop(ballot.ticket); }
    tab.drop(storageKeys.round);
    ballot.ticket = code;
    tab.set(storageKeys.ticket, code);
    /* Another browser that opens this address has the ticket too. One that was typed stands in no address. */
    if (location.hash) { kaohe.setFragment('#' + code + (tab.get(kaohe.signerKey) ? '.' + tab.get(kaohe.signerKey) : '')); }
    field.value = code.replace(/(....)(?=.)/g, '$1-');
    if (stored.body || ballot.isBlank()) { ballot.draft = stored; ballot.fillPage(); }
    ballot.recount();
    ballot.save();
    if (ballot.draft.body) { ballot.send(); } else { askOfSlip(code); }
  };

  /* Ask whether the slip fits this form: once, not all phones of a hall at one moment, and without a word if it fails. */
  function askOfSlip(code) {
    window.setTimeout(function () {
      var request = new XMLHttpRequest();
      if (ballot.ticket !== code || ballot.main.hidden) { return; }
      request.open('POST', ballot.url + '/slip');
      request.timeout = kaohe.TIMEOUT;
      request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
      request.setRequestHeader('X-Kaohe-Script', '1');
      request.onload = function () {
        var page = new DOMParser().parseFromString(request.responseText, 'text/html');
        var refusal = page.querySelector('[data-error]');
        if (request.status < 400 || request.status >= 500 || !refusal || ballot.ticket !== code || ballot.main.hidden) { return; }
        if (refusal.getAttribute('data-error').indexOf('ticket_') === 0) { refuseSlip(refusal.textContent, page.querySelector('[data-form]'), code); }
      };
      request.send('ticket=' + code);
    }, Math.random() * ASKED_WITHIN);
  }

  function refuseSlip(text, way, code) {
    ballot.sayOfTicket(text);
    if (!way) { return; }
    /* The form of its own group takes the ticket along; what is filled in here stays on this form, without a ticket. */
    var link = kaohe.element('a', 'again', '打开这张票的测评票');
    link.href = ballot.url.replace(/[^\/]*$/, way.getAttribute('data-form')) + '#' + code;
    link.addEventListener('click', function () {
      ballot.drop(code);
      ballot.ticket = '';
      tab.drop(storageKeys.ticket);
      ballot.save();
    });
    byId('ticket-hint').appendChild(document.createElement('br'));
    byId('ticket-hint').appendChild(link);
  }

  /* Nothing of this voter stays; the next one begins with an empty form. */
  ballot.startAnew = function () {
    ballot.letGo();
    tab.drop(storageKeys.last);
    location.replace(location.pathname);
  };

  /* What is wrong with the ticket stands under its field; '' takes it away again. */
  ballot.sayOfTicket = function (text, stays) {
    var hint = byId('ticket-hint');
    hint.textContent = text || hintOfTicket;
    hint.classList.toggle('wrong', Boolean(text));
    field.setAttribute('aria-invalid', String(Boolean(text)));
    if (text && !stays) {
      openTicket();
      ballot.scrollTo(byId('ticket-part'));
      field.focus({ preventScroll: true });
    }
  };

  /* Whether a ticket stands in the field that can be one. */
  ballot.takeTyped = function (stays) {
    var code = kaohe.readCode(field.value);
    if (!code) {
      if (field.value) { ballot.sayOfTicket('票码输入有误，请对照票面逐位核对后重新输入。', stays); }
      return false;
    }
    ballot.sayOfTicket('');
    if (code !== ballot.ticket) {
      if (ballot.ticket && !ballot.isBlank() && !window.confirm('换了一张票。已经填好的内容用在这张票上吗？点“取消”则清空重填。')) {
        ballot.drop(ballot.ticket);
        ballot.draft = kaohe.readDraft(tab, '');
        ballot.fillPage();
      }
      ballot.useTicket(code);
    }
    return true;
  };

  ballot.closeTicket = function (text) {
    var part = byId('ticket-part');
    kaohe.each(part.children, function (child) { child.hidden = true; });
    read.textContent = '';
    read.appendChild(kaohe.element('span'));
    kaohe.tell(read.firstChild, text);
    read.appendChild(kaohe.button('更换', function () { openTicket(); field.focus(); }, 'plain'));
    read.appendChild(kaohe.button('换人填写', function () {
      if (window.confirm('清空本页已填的内容，换一个人填写？')) { ballot.startAnew(); }
    }, 'plain'));
    read.hidden = false;
    part.appendChild(read);
  };

  function openTicket() {
    kaohe.each(byId('ticket-part').children, function (child) { child.hidden = false; });
    kaohe.remove(read);
  }

  ballot.drawTicket = function (pool) {
    var waiting = kaohe.element('p', 'message');
    kaohe.tell(waiting, '正在领票，请稍候…');
    byId('ticket-part').hidden = true;
    ballot.form.insertBefore(waiting, byId('ticket-part'));
    function ready() {
      kaohe.remove(waiting);
      byId('ticket-part').hidden = false;
    }
    kaohe.ask(ballot.url + '/ticket', 'pool=' + encodeURIComponent(pool) + '&draw=' + kaohe.drawNonce(storageKeys), {
      unsure: function (tries) { kaohe.tell(waiting, '网络不稳，正在自动重试领票，请稍候…' + kaohe.networkHint(tries)); },
      answered: function (page) {
        var found = page.querySelector('[data-ticket]');
        if (!found) { return false; }
        ready();
        ballot.closeTicket('已领到一张票');
        ballot.useTicket(found.getAttribute('data-ticket'));
        return true;
      },
      refused: function (code, text) { ready(); ballot.sayOfTicket(text); }
    });
  };

  ballot.takeFragment = function () {
    var found = kaohe.scanned(ballot.main);
    if (found.text && !found.pool && !found.code && !/^s\d+$/.test(found.text)) {
      ballot.sayOfTicket('二维码读取不完整，请重新扫描，或输入票上的 16 位票码。', true);
    }
    return found;
  };

  /* Another slip scanned while this page is open: what is here is kept under its own ticket. */
  ballot.onOtherTicket = function () {
    var found = ballot.takeFragment();
    if (!found.pool && !found.code) { return; }
    if (!ballot.isFinished) { ballot.save(); }
    location.reload();
  };
});
