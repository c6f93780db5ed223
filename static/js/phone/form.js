/* What the page asks: parts (分表), their subjects, and by field name every item that takes a mark. */
(function (kaohe) {
  'use strict';

  var each = kaohe.each;

  /* A heading's own words, without the small ones behind them. */
  function nameIn(heading) {
    var small = heading.querySelector('small');
    var text = heading.textContent;
    return (small ? text.slice(0, text.lastIndexOf(small.textContent)) : text).trim();
  }

  kaohe.labelIn = function (node) {
    var words = node && node.lastChild ? node.lastChild.nodeValue : '';
    return words ? words.trim() : '';
  };

  /* The branches that a row of the page is the first of. */
  kaohe.branchesOf = function (row) {
    var found = [];
    var before = row.previousElementSibling;
    while (before && before.classList.contains('branch')) {
      found.unshift(before.textContent.trim());
      before = before.previousElementSibling;
    }
    return found;
  };

  /* Buttons of which one is chosen; the one without a value means that nothing is. */
  kaohe.radioItem = function (node) {
    var radios = node.querySelectorAll('input');
    var item = { node: node, field: radios[0].name, dimension: node.getAttribute('data-dimension'), label: kaohe.labelIn(node.querySelector('legend')) };
    item.taken = function () {
      return Array.prototype.filter.call(radios, function (radio) { return radio.checked; }).map(function (radio) { return radio.value; })[0] || '';
    };
    item.put = function (given) {
      each(radios, function (radio) { radio.checked = radio.value === given && (given !== '' || radio.checked); });
    };
    item.read = function (given) { return given; };
    item.word = function (mark) {
      var chosen = Array.prototype.filter.call(radios, function (radio) { return radio.value && radio.value === mark; })[0];
      return chosen ? chosen.nextElementSibling.textContent : '';
    };
    item.focus = function () { radios[0].focus({ preventScroll: true }); };
    return item;
  };

  /* A kind reads the items in one row of the page; the other kinds come with static/js/phone-more.js. */
  kaohe.kinds.grade = function (node) {
    var item = kaohe.radioItem(node);
    item.grades = [];
    item.aside = [];
    each(node.querySelectorAll('input'), function (radio) { (radio.parentNode.classList.contains('abstain') ? item.aside : item.grades).push(radio); });
    item.isNeeded = true;
    item.words = function () { return item.grades.concat(item.aside).map(function (radio) { return radio.nextElementSibling.textContent; }); };
    /* 'low' for the last grade of the scale, 'aside' for 弃权, '' for every other one. */
    item.weight = function (mark) {
      if (item.aside.some(function (radio) { return radio.value === mark; })) { return 'aside'; }
      return mark && item.grades.length > 1 && item.grades[item.grades.length - 1].value === mark ? 'low' : '';
    };
    return [item];
  };

  /* null where the page has a row of a kind that this phone could not load: the plain form goes on without scripts. */
  kaohe.readForm = function (main) {
    var ballot = { main: main, form: kaohe.byId('ballot-form'), parts: [], subjects: [], items: {} };
    var isWhole = true;
    each(ballot.form.querySelectorAll('.part'), function (node) {
      var heading = node.querySelector('.part-name');
      var part = {
        node: node,
        label: heading ? heading.textContent.trim() : '',
        limit: Number(node.getAttribute('data-limit')),
        limitText: node.getAttribute('data-limit-text'),
        fewest: Number(node.getAttribute('data-fewest')),
        topMark: node.getAttribute('data-top-mark'),
        isPicked: node.hasAttribute('data-picked'),
        full: node.getAttribute('data-full'),
        subjects: []
      };
      each(node.querySelectorAll('.subject'), function (section) {
        var subject = { section: section, part: part, name: nameIn(section.querySelector('.name')), items: [], left: 0, leave: section.querySelector('.leaver') };
        each(section.querySelectorAll('.item'), function (row) {
          var kind = kaohe.kinds[row.getAttribute('data-kind') || 'grade'];
          if (!kind) { isWhole = false; return; }
          kind(row, subject, ballot).forEach(function (item) {
            item.subject = subject;
            subject.items.push(item);
            ballot.items[item.field] = item;
          });
        });
        subject.isNeeded = subject.items.some(function (item) { return item.isNeeded; });
        part.subjects.push(subject);
        ballot.subjects.push(subject);
      });
      ballot.parts.push(part);
    });
    ballot.needed = ballot.subjects.filter(function (subject) { return subject.isNeeded; });
    return isWhole ? ballot : null;
  };
})(window.kaohe);
