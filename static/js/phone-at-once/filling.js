/* One grade at one tap for all who are left (其余都选), with its undo. */
window.kaohe.chapters.push(function (ballot) {
  'use strict';

  var kaohe = window.kaohe;

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
      told.textContent = '其余 ' + kaohe.give(ballot, given, function () { return mark; }) + ' 个都选了“' + radio.nextElementSibling.textContent + '”。';
      show();
      undo.focus();
    }

    function takeBack() {
      var taken = given;
      given = [];
      kaohe.give(ballot, taken, function () { return ''; });
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

  ballot.parts.forEach(function (part) { if (part.node.hasAttribute('data-fills-rest')) { offerRest(part); } });
  ballot.watchers.push(function (subject) { if (subject.part.showRest) { subject.part.showRest(); } });
});
