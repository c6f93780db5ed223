/* 弃权 on all that is asked about a person at one tap, with its undo. */
window.kaohe.chapters.push(function (ballot) {
  'use strict';

  var kaohe = window.kaohe;

  function offerAbstention(subject) {
    var items = subject.items.filter(function (item) {
      var input = item.isNeeded && item.node.querySelector('.abstain input');
      item.abstention = input ? input.value : '';
      return input;
    });
    var before = {};
    function isGiven() { return items.every(function (item) { return ballot.givenTo(item) === item.abstention; }); }
    if (items.length < 2) { return; }
    var made = kaohe.button('', function () {
      var kept = before;
      if (isGiven()) {
        kaohe.give(ballot, items, function (item) { return kept[item.field] || ''; });
        return;
      }
      items.forEach(function (item) { kept[item.field] = ballot.givenTo(item); });
      kaohe.give(ballot, items, function (item) { return item.abstention; });
    }, 'plain at-once');
    subject.section.insertBefore(made, subject.section.firstChild);
    /* What stood there before is nobody's business once something else stands there: the next voter may hold this phone. */
    subject.showAbstention = function () {
      made.textContent = isGiven() ? '撤销弃权' : '全部弃权';
      made.setAttribute('aria-label', subject.name + ' ' + made.textContent);
      made.hidden = ballot.isLeftOut(subject);
      if (!isGiven()) { before = {}; }
    };
  }

  ballot.subjects.forEach(offerAbstention);
  ballot.watchers.push(function (subject) { if (subject.showAbstention) { subject.showAbstention(); } });
});
