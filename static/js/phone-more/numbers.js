/* Numbers instead of grades. Sent only with a page that asks for more than grades, before the files of static/js/phone. */
window.kaohe = window.kaohe || { kinds: {}, chapters: [] };

(function (kaohe) {
  'use strict';

  var DECIMALS = 6;
  var ZEROS = '000000';
  var WRITTEN = /^(-?)(\d{0,7})(?:\.(\d{0,6}))?$/;

  /* A number as a whole count of millionths, so that no sum is ever off; null for what is none. */
  kaohe.units = function (text) {
    var found = WRITTEN.exec(text);
    if (!found || !(found[2] || found[3])) { return null; }
    var whole = Number((found[2] || '0') + ((found[3] || '') + ZEROS).slice(0, DECIMALS));
    return found[1] && whole ? -whole : whole;
  };

  kaohe.unitsText = function (units) {
    var digits = String(Math.abs(units));
    while (digits.length <= DECIMALS) { digits = '0' + digits; }
    var part = digits.slice(-DECIMALS).replace(/0+$/, '');
    return (units < 0 ? '-' : '') + digits.slice(0, -DECIMALS) + (part ? '.' + part : '');
  };

  function readTyped(typed) {
    return kaohe.units(kaohe.narrow(typed).replace(/[\s分]/g, '').replace(/。/g, '.').replace(/[−–]/g, '-'));
  }

  kaohe.kinds.number = function (row, subject) {
    var field = row.querySelector('.number input');
    var abstention = row.querySelector('.abstain input');
    var ranges = row.querySelectorAll('.ranges li');
    var bounds = row.querySelector('.bounds').textContent;
    var scale = {
      low: kaohe.units(field.getAttribute('data-low')),
      high: kaohe.units(field.getAttribute('data-high')),
      step: kaohe.units(field.getAttribute('data-step'))
    };
    var item = { node: row, field: field.name, dimension: '', label: row.getAttribute('data-label') || '', isNeeded: true, scale: scale, spoken: field };
    var note = row.querySelector('.note');

    function isOn(units) {
      return units !== null && units >= scale.low && units <= scale.high && (units - scale.low) % scale.step === 0;
    }

    function fault(typed) {
      var units = readTyped(typed);
      if (units === null) { return '请只填数字，' + bounds + '。'; }
      if (units > scale.high || units < scale.low) { return '超出范围，应为 ' + bounds + '。'; }
      return '分数应从 ' + kaohe.unitsText(scale.low) + ' 起，每 ' + kaohe.unitsText(scale.step) + ' 分一档。';
    }

    item.unitsOf = function (mark) { return abstention && mark === abstention.value ? null : kaohe.units(mark); };

    item.read = function (given) {
      if (abstention && given === abstention.value) { return given; }
      var units = readTyped(given);
      return isOn(units) ? kaohe.unitsText(units) : '';
    };

    /* Whoever abstains gives no number, and whoever gives one does not abstain; the later act counts. */
    item.taken = function (input) {
      if (abstention && abstention.checked) {
        if (input !== field || !field.value) { field.value = ''; return abstention.value; }
        abstention.checked = false;
      }
      return field.value.trim();
    };

    item.put = function (given) {
      var isAbstained = Boolean(abstention && given === abstention.value);
      if (abstention) { abstention.checked = isAbstained; }
      field.value = isAbstained ? '' : given;
      item.judge(true);
    };

    item.word = function (mark) { return abstention && mark === abstention.value ? abstention.nextElementSibling.textContent : mark + ' 分'; };

    item.focus = function () { field.focus({ preventScroll: true }); };

    /* Say the name of the range, or what is wrong: at once where more typing cannot mend it, else when all is typed. */
    item.judge = function (isTyped) {
      var typed = field.value.trim();
      var units = readTyped(typed);
      var isWrong = Boolean(typed) && !isOn(units) && (isTyped || units === null || units > scale.high);
      var name = '';
      kaohe.each(ranges, function (range) {
        var isIn = isOn(units) && units >= kaohe.units(range.getAttribute('data-low')) && units <= kaohe.units(range.getAttribute('data-high'));
        range.classList.toggle('in', isIn);
        if (isIn) { name = range.firstChild.nodeValue.trim(); }
      });
      if (isTyped && isOn(units)) { field.value = kaohe.unitsText(units); }
      if (note || isWrong || name) { say(isWrong ? fault(typed) : name, isWrong); }
      row.classList.toggle('wrong', isWrong);
      field.setAttribute('aria-invalid', String(isWrong));
    };

    function say(text, isWrong) {
      if (!note) {
        note = kaohe.element('p', 'note');
        row.insertBefore(note, row.querySelector('.ranges'));
      }
      note.setAttribute('role', 'status');
      note.id = 'note.' + item.field;
      field.setAttribute('aria-describedby', note.id);
      if (note.textContent !== text) { note.textContent = text; }
      note.classList.toggle('fault', isWrong);
    }

    /* One step up from nothing is the lowest number, one step down from nothing the highest. */
    item.move = function (direction) {
      var units = readTyped(field.value);
      if (units === null) {
        units = direction > 0 ? scale.low : scale.high;
      } else {
        var steps = (units - scale.low) / scale.step;
        units = scale.low + (direction > 0 ? Math.floor(steps) + 1 : Math.ceil(steps) - 1) * scale.step;
      }
      field.value = kaohe.unitsText(Math.max(scale.low, Math.min(scale.high, units)));
      item.tell(field);
    };

    function stepper(sign, direction, word) {
      var made = kaohe.button(sign, function () { item.move(direction); }, 'step');
      made.setAttribute('aria-label', [subject.name, item.label, word, kaohe.unitsText(scale.step), '分'].filter(Boolean).join(' '));
      return made;
    }

    row.querySelector('.of').addEventListener('click', item.focus);
    field.parentNode.insertBefore(stepper('−', -1, '减'), field);
    field.parentNode.insertBefore(stepper('+', 1, '加'), field.nextSibling);
    return [item];
  };

  /* The sum of a subject's numbers so far, under its last one. */
  kaohe.chapters.push(function (ballot) {
    ballot.subjects.forEach(function (subject) {
      var numbers = subject.items.filter(function (item) { return item.scale; });
      numbers.forEach(function (item) { item.tell = function (input) { ballot.take(input, false); }; });
      if (!subject.part.full || numbers.length < 2) { return; }
      var last = numbers[numbers.length - 1].node;
      subject.numbers = numbers;
      subject.told = kaohe.element('p', 'subtotal');
      subject.told.setAttribute('aria-live', 'polite');
      last.parentNode.insertBefore(subject.told, last.nextSibling);
    });

    ballot.watchers.push(function (subject) {
      var sum = 0;
      var given = 0;
      if (!subject.numbers) { return; }
      subject.numbers.forEach(function (item) {
        var units = item.unitsOf(ballot.markOf(item));
        if (units !== null) { sum += units; given += 1; }
      });
      subject.sum = given && !ballot.isLeftOut(subject) ? '合计 ' + kaohe.unitsText(sum) + ' 分' : '';
      subject.told.textContent = '合计 ' + kaohe.unitsText(sum) + '/' + subject.part.full + ' 分 · 已打 ' + given + '/' + subject.numbers.length + ' 项';
    });
  });
})(window.kaohe);
