/* What this phone knows of ballots that are in the box: their receipts under digests of their tickets, never a choice. */
window.kaohe.chapters.push(function (ballot) {
  'use strict';

  var kaohe = window.kaohe;
  var element = kaohe.element;
  var storageKeys = ballot.storageKeys;

  function markOf(code) { return storageKeys.cast + kaohe.digest(code); }

  ballot.markCast = function (code, receipt) {
    kaohe.local.set(markOf(code), receipt);
    kaohe.tab.set(storageKeys.last, receipt);
  };

  /* Say that this ticket has been cast from this phone, in place of the form; false where nothing is known of it. */
  ballot.tellCast = function (code) {
    var receipt = kaohe.local.get(markOf(code));
    if (receipt) { tell('这张票刚才已提交', '计入的是那一次的选择。一张票只能投一次。', receipt); }
    return Boolean(receipt);
  };

  /* Say that this tab has cast a ballot, until another slip is scanned or somebody wants to fill in one. */
  ballot.tellLast = function (code) {
    var receipt = kaohe.tab.get(storageKeys.last);
    if (code && receipt !== kaohe.local.get(markOf(code))) { return false; }
    if (receipt) { tell('本页已收到一张票', '您的票已收入票箱，不必再投。', receipt); }
    return Boolean(receipt);
  };

  /* Another page of this phone has cast this one's ticket. */
  ballot.onOtherPage = function (event) {
    if (!ballot.isFinished && ballot.ticket && event.key === markOf(ballot.ticket) && event.newValue) { ballot.tellCast(ballot.ticket); }
  };

  function tell(heading, said, receipt) {
    var page = element('div');
    var main = element('main', 'phone whole done');
    var named = element('h1', '', heading);
    var code = element('p', 'code', receipt);
    main.id = 'cast-before';
    named.tabIndex = -1;
    code.setAttribute('data-receipt', receipt);
    main.appendChild(named);
    main.appendChild(element('p', '', said));
    main.appendChild(element('p', 'hint', '回执'));
    main.appendChild(code);
    main.appendChild(element('p', 'actions'));
    page.appendChild(main);
    if (!ballot.isFinished) { ballot.letGo(); }
    kaohe.showPage(page, heading);
    ballot.offerNext(document.querySelector('#cast-before .actions'));
  }

  ballot.offerNext = function (place) {
    place.appendChild(kaohe.button('用另一张票填写', ballot.startAnew));
  };
});
