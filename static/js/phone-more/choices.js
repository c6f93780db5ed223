/* What may be left open: picks (差额票决), ticks (逆向测评), a choice of one (使用意向), and subjects left out (不评). */
(function (kaohe) {
  'use strict';

  function boxItem(row, box) {
    var words = box.nextElementSibling.textContent;
    return {
      node: row,
      field: box.name,
      dimension: row.getAttribute('data-dimension'),
      label: kaohe.labelIn(row.querySelector('legend')),
      isNeeded: false,
      taken: function () { return box.checked ? box.value : ''; },
      put: function (given) { box.checked = given === box.value; },
      read: function (given) { return given; },
      word: function (mark) { return mark ? words : ''; },
      focus: function () { box.focus({ preventScroll: true }); }
    };
  }

  kaohe.kinds.pick = function (row) {
    var item = boxItem(row, row.querySelector('input'));
    item.label = '';
    item.word = function (mark) { return row.getAttribute(mark ? 'data-on' : 'data-off'); };
    item.words = function () { return [item.word('on'), item.word('')]; };
    item.weight = function (mark) { return mark ? '' : 'unpicked'; };
    return [item];
  };

  kaohe.kinds.ticks = function (row) {
    return Array.prototype.map.call(row.querySelectorAll('input'), function (box) { return boxItem(row, box); });
  };

  kaohe.kinds.choice = function (row) {
    var item = kaohe.radioItem(row);
    item.isNeeded = false;
    return [item];
  };

  /* A subject that is left out keeps what was put in, in grey, in case the voter thinks again; nothing of it is sent. */
  kaohe.chapters.push(function (ballot) {
    ballot.watchers.push(function (subject) {
      var isOut = ballot.isLeftOut(subject);
      var cells = subject.leave && subject.section.querySelector('.cells');
      if (!cells || (cells.getAttribute('aria-disabled') === 'true') === isOut) { return; }
      cells.setAttribute('aria-disabled', String(isOut));
      kaohe.each(cells.querySelectorAll('input, button, textarea'), function (input) { input.disabled = isOut; });
      if (isOut) { subject.items.forEach(function (item) { ballot.showMissing(item, false); }); }
    });
  });
})(window.kaohe);
