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

  ballot.ticketField = field;

  ballot.useTicket = function (code) {
    var stored = ballot.stored(code);
    if (!stored.body && ballot.tellCast(code)) { return; }
    if (ballot.ticket && ballot.ticket !== code) { ballot.drop(ballot.ticket); }
    tab.drop(storageKeys.round);
    ballot.ticket = code;
    tab.set(storageKeys.ticket, code);
    field.value = code.replace(/(....)(?=.)/g, '$1-');
    if (stored.body || ballot.isBlank()) { ballot.draft = stored; ballot.fillPage(); }
    ballot.recount();
    ballot.save();
    if (ballot.draft.body) { ballot.send(); }
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
    if (code !== ballot.ticket) { ballot.useTicket(code); }
    return true;
  };

  ballot.closeTicket = function (text) {
    var part = byId('ticket-part');
    kaohe.each(part.children, function (child) { child.hidden = true; });
    read.textContent = '';
    read.appendChild(kaohe.element('span', '', text));
    read.appendChild(kaohe.button('更换', function () { openTicket(); field.focus(); }, 'plain'));
    read.hidden = false;
    part.appendChild(read);
  };

  function openTicket() {
    kaohe.each(byId('ticket-part').children, function (child) { child.hidden = false; });
    kaohe.remove(read);
  }

  ballot.drawTicket = function (pool) {
    var waiting = kaohe.element('p', 'message', '正在领票，请稍候…');
    waiting.setAttribute('role', 'status');
    tab.set(storageKeys.pool, pool);
    byId('ticket-part').hidden = true;
    ballot.form.insertBefore(waiting, byId('ticket-part'));
    function ready() {
      tab.drop(storageKeys.pool);
      kaohe.remove(waiting);
      byId('ticket-part').hidden = false;
    }
    kaohe.ask(ballot.url + '/ticket', 'pool=' + encodeURIComponent(pool) + '&draw=' + kaohe.drawNonce(storageKeys), {
      unsure: function () { waiting.textContent = '网络不稳，正在自动重试领票，请稍候…'; },
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
    var text = '';
    try { text = decodeURIComponent(location.hash.slice(1)); } catch (damaged) { /* no ticket then */ }
    var prefix = ballot.main.getAttribute('data-pool-prefix');
    var found = { pool: '', code: '' };
    if (text.indexOf(prefix) === 0) { found.pool = text.slice(prefix.length); } else { found.code = kaohe.readCode(text); }
    if (found.pool || found.code) { history.replaceState(history.state, '', location.pathname + location.search); }
    return found;
  };

  /* Another slip scanned while this page is open: what is here is kept under its own ticket. */
  ballot.onOtherTicket = function () {
    var found = ballot.takeFragment();
    if (!found.pool && !found.code) { return; }
    if (!ballot.isFinished) { ballot.save(); }
    if (found.pool) { tab.set(storageKeys.pool, found.pool); tab.drop(storageKeys.ticket); } else { tab.set(storageKeys.ticket, found.code); }
    location.reload();
  };
});
