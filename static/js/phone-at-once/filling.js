/* Many marks at one tap, each with its undo: 弃权 on all that is asked about a person, and one grade for all who are left.
   Sent with forms that offer either, before the files of static/js/phone. */
window.kaohe = window.kaohe || { kinds: {}, chapters: [] };

window.kaohe.chapters.push(function (ballot) {
  'use strict';

  var kaohe = window.kaohe;

  /* As a tap on each of them would; '' takes a mark back. */
  function give(items, markFor) {
    var subjects = [];
    items.forEach(function (item) {
      var mark = markFor(item);
      ballot.keep(item.field, mark);
      item.put(mark);
      if (mark) { ballot.showMissing(item, false); }
      if (subjects.indexOf(item.subject) < 0) { subjects.push(item.subject); }
    });
    subjects.forEach(ballot.recountOf);
    ballot.say('');
    ballot.saveSoon();
    return subjects.length;
  }

  function nothing() { return ''; }

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
        give(items, function (item) { return kept[item.field] || ''; });
        return;
      }
      items.forEach(function (item) { kept[item.field] = ballot.givenTo(item); });
      give(items, function (item) { return item.abstention; });
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

  function offerRest(part) {
    var row = kaohe.element('div', 'rest');
    var told = kaohe.element('p');
    var opener = kaohe.button('其余都选…', function () { isOpen = !isOpen; show(); }, 'plain');
    var undo = kaohe.button('撤销', takeBack, 'plain');
    var grades = [];
    var given = [];
    var mark = '';
    var isOpen = false;
    var waiting = null;

    function openItems() {
      var found = [];
      part.subjects.forEach(function (subject) {
        found = found.concat(ballot.missingOf(subject).filter(function (item) { return item.grades && !ballot.givenTo(item); }));
      });
      return found;
    }

    function show() {
      var many = openItems().length;
      given = given.filter(function (item) { return ballot.givenTo(item) === mark; });
      row.hidden = !many && !given.length;
      opener.hidden = !many;
      opener.setAttribute('aria-expanded', String(isOpen));
      grades.forEach(function (each) { each.hidden = !isOpen || !many; });
      undo.hidden = told.hidden = !given.length;
    }

    function fill(radio) {
      mark = radio.value;
      isOpen = false;
      given = openItems();
      told.textContent = '其余 ' + give(given, function () { return mark; }) + ' 个都选了“' + radio.nextElementSibling.textContent + '”。';
      show();
      undo.focus();
    }

    function takeBack() {
      var taken = given;
      given = [];
      give(taken, nothing);
      show();
      opener.focus();
    }

    var first = part.subjects[0].items.filter(function (item) { return item.grades; })[0];
    told.setAttribute('role', 'status');
    row.appendChild(opener);
    first.grades.forEach(function (radio) {
      /* With a limit on it, the best grade is given one by one. */
      if (part.limit && radio.value === part.topMark) { return; }
      grades.push(kaohe.button(radio.nextElementSibling.textContent, function () { fill(radio); }));
      row.appendChild(grades[grades.length - 1]);
    });
    row.appendChild(told);
    row.appendChild(undo);
    part.node.appendChild(row);
    /* Once, however many subjects were counted anew. */
    part.showRest = function () {
      window.clearTimeout(waiting);
      waiting = window.setTimeout(show, 0);
    };
  }

  ballot.subjects.forEach(offerAbstention);
  ballot.parts.forEach(function (part) { if (part.node.hasAttribute('data-fills-rest')) { offerRest(part); } });
  ballot.watchers.push(function (subject) {
    if (subject.showAbstention) { subject.showAbstention(); }
    if (subject.part.showRest) { subject.part.showRest(); }
  });
});
