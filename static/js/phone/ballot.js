/* The ballot page: its chapters share one object, and this one listens. */
(function (kaohe) {
  'use strict';

  kaohe.startBallot = function (main) {
    var ballot = kaohe.readForm(main);
    if (!ballot) { return; }
    /* Until here the browser itself wants a ticket, so that nothing is sent, and lost, before this script has come. */
    ballot.form.noValidate = true;
    ballot.url = ballot.form.getAttribute('action');
    ballot.storageKeys = kaohe.storageKeys(main);
    ballot.ticket = '';
    ballot.draft = kaohe.readDraft(kaohe.tab, '');
    ballot.isFinished = false;
    ballot.watchers = [];
    ballot.take = function (input, isTyping) { take(ballot, input, isTyping); };
    kaohe.chapters.forEach(function (write) { write(ballot); });
    begin(ballot);
  };

  function begin(ballot) {
    var form = ballot.form;
    var scanned = ballot.takeFragment();
    var pool = scanned.pool;
    var code = scanned.code || (pool ? '' : kaohe.readCode(ballot.ticketField.value) || kaohe.tab.get(ballot.storageKeys.ticket));
    ballot.forgetOtherRounds();
    window.addEventListener('popstate', function () { if (ballot.isFinished) { location.reload(); } else { ballot.closeReview(null); } });
    window.addEventListener('hashchange', ballot.onOtherTicket);
    window.addEventListener('storage', ballot.onOtherPage);
    if (!pool && ballot.tellLast(code)) { return; }
    ballot.buildBar();
    ballot.readPage();
    if (!code && ballot.isBlank()) { ballot.draft = kaohe.readDraft(kaohe.tab, ballot.storageKeys.round); ballot.fillPage(); }
    ballot.recount();
    form.addEventListener('change', function (event) { ballot.take(event.target, false); });
    form.addEventListener('input', function (event) { ballot.take(event.target, true); });
    form.addEventListener('keydown', onEnter);
    form.addEventListener('submit', function (event) { onSubmit(ballot, event); });
    window.addEventListener('pagehide', ballot.saveNow);
    document.addEventListener('visibilitychange', ballot.saveNow);
    window.setTimeout(function () { ballot.withSeal(function () {}); }, 1000);
    if (pool) { ballot.drawTicket(pool); return; }
    if (code) { ballot.closeTicket('票码已读取'); ballot.useTicket(code); }
  }

  /* Something was put in: keep it, say what is wrong with it, count again. */
  function take(ballot, input, isTyping) {
    var wanted = 0;
    var item = ballot.items[input.name];
    var subject = item ? item.subject : ballot.subjects.filter(function (each) { return each.leave === input; })[0];
    if (input === ballot.ticketField) {
      if (!isTyping) { ballot.takeTyped(true); }
    } else if (input.type === 'textarea') {
      if (input.value) { ballot.draft.comments[input.name] = input.value; } else { delete ballot.draft.comments[input.name]; }
      input.parentNode.querySelector('.hint').textContent = '请勿写可识别身份的内容。还可以写 ' + (input.maxLength - input.value.length) + ' 字。';
      ballot.saveSoon();
    } else if (subject) {
      wanted = subject.left;
      ballot.keep(input.name, item ? item.taken(input) : input.checked ? input.value : '');
      if (item && (ballot.markOf(item) || !item.isNeeded)) { ballot.showMissing(item, false); }
      if (item && item.judge) { item.judge(!isTyping); }
      ballot.recountOf(subject);
      if (wanted && input.type === 'radio') { ballot.goOnFrom(subject); }
      ballot.say('');
      ballot.saveSoon();
    }
  }

  /* The phone's own “next” goes to the next field and never sends the form. */
  function onEnter(event) {
    var field = event.target;
    if (event.key !== 'Enter' || field.tagName !== 'INPUT' || field.type !== 'text') { return; }
    var fields = Array.prototype.filter.call(field.form.querySelectorAll('input[type=text]'), function (each) { return each.offsetParent; });
    var next = fields[fields.indexOf(field) + 1];
    event.preventDefault();
    if (next) { next.focus(); } else { field.blur(); }
  }

  function onSubmit(ballot, event) {
    event.preventDefault();
    if (ballot.isFinished) { return; }
    if (!ballot.ticketField.value) {
      ballot.sayOfTicket('请扫描票上的二维码，或在这里输入票码。');
    } else if (ballot.takeTyped(false) && !ballot.isFinished && !ballot.main.hidden) {
      ballot.askReview();
    }
  }
})(window.kaohe);
