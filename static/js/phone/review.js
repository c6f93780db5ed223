/* All choices once more before anything is sent. */
window.kaohe.chapters.push(function (ballot) {
  'use strict';

  var kaohe = window.kaohe;
  var element = kaohe.element;
  var NAMES_AT_MOST = 3;
  var COLUMNS_AT_MOST = 6;
  var LONGEST_COLUMN = 4;
  /* The width of a column in letters, the space around it included. */
  var COLUMN = 3.7;
  /* A second tap of the finger that opened the review comes within this time, and must not hit what appears under it. */
  var UNTOUCHABLE = 700;
  var review = null;
  var scrolled = 0;
  var isReviewing = false;

  ballot.askReview = function () {
    var missing = ballot.needed.filter(function (subject) { return subject.left; });
    if (missing.length) { jumpToMissing(missing); return; }
    if (ballot.overLimit() || ballot.underLimit()) {
      ballot.say(ballot.overLimit() ? '' : ballot.underLimit());
      ballot.focusNotice();
      return;
    }
    ballot.save();
    openReview();
  };

  function jumpToMissing(missing) {
    var names = missing.slice(0, NAMES_AT_MOST).map(function (each) { return each.name; }).join('、');
    ballot.askFor(missing[0], '还没有评完：' + names + (missing.length > NAMES_AT_MOST ? '等 ' + missing.length + ' 个' : '') + '。');
  }

  /* For eyes and for ears. */
  ballot.showMissing = function (item, isMissing) {
    var field = item.spoken || item.node;
    item.node.classList.toggle('missing', isMissing);
    if (isMissing) {
      field.setAttribute('aria-invalid', 'true');
      if (!ballot.givenTo(item)) { field.setAttribute('aria-describedby', 'unrated'); }
    } else {
      field.removeAttribute('aria-invalid');
      field.removeAttribute('aria-describedby');
    }
  };

  /* Show what a subject still wants. */
  ballot.askFor = function (subject, told) {
    var open = ballot.missingOf(subject);
    open.forEach(function (item) {
      if (item.judge) { item.judge(true); }
      ballot.showMissing(item, true);
    });
    ballot.say(ballot.givenTo(open[0])
      ? subject.name + '有一处填写有误，请按提示改正。'
      : told || subject.name + '还没有评完。');
    if (ballot.isSingle()) { ballot.showSubject(ballot.subjects.indexOf(subject), false); }
    ballot.scrollTo(open[0] === subject.items[0] ? subject.section : open[0].node);
    open[0].focus();
  };

  function wordOf(item, tag) {
    var made = element(tag || 'span', '', item.word(ballot.markOf(item)));
    var weight = item.weight ? item.weight(ballot.markOf(item)) : '';
    if (weight) { made.className = weight; }
    return made;
  }

  /* The dimensions side by side where they are few and short, else one below the other under their branches. */
  function tableOf(items) {
    var table = element('table');
    var letter = parseFloat(window.getComputedStyle(document.documentElement).fontSize);
    var isWide = items.length <= COLUMNS_AT_MOST && items.length * COLUMN * letter < ballot.main.clientWidth && items.every(function (item) { return item.label.length <= LONGEST_COLUMN; });
    var rows = isWide ? [element('tr'), element('tr')] : [];
    function heading(text, scope) {
      var made = element('th', '', text);
      made.scope = scope;
      return made;
    }
    items.forEach(function (item) {
      if (isWide) {
        rows[0].appendChild(heading(item.label, 'col'));
        rows[1].appendChild(wordOf(item, 'td'));
        return;
      }
      kaohe.branchesOf(item.node).forEach(function (text) {
        var branch = element('tr', 'branch-row');
        var named = heading(text, 'rowgroup');
        named.colSpan = 2;
        branch.appendChild(named);
        rows.push(branch);
      });
      var row = element('tr');
      row.appendChild(heading(item.label, 'row'));
      row.appendChild(wordOf(item, 'td'));
      rows.push(row);
    });
    rows.forEach(function (row) { table.appendChild(row); });
    table.className = isWide ? 'chosen wide' : 'chosen';
    return table;
  }

  function reviewLine(subject) {
    var row = element('li');
    var line = kaohe.button('', function () { ballot.closeReview(subject); ballot.leaveStep(); }, 'line');
    var chosen = element('span', 'chosen');
    var isOut = ballot.isLeftOut(subject);
    var comment = isOut ? '' : ballot.draft.comments['c.' + subject.section.id];
    var items = isOut ? [] : subject.items.filter(function (item) { return item.word(ballot.markOf(item)); });
    line.appendChild(element('span', 'name', subject.name));
    if (isOut) { chosen.appendChild(element('span', 'aside', '不评')); }
    if (items.length === 1 && !items[0].label) { chosen.appendChild(wordOf(items[0])); }
    if (subject.sum) { chosen.appendChild(element('span', 'sum', subject.sum)); }
    line.appendChild(chosen);
    line.appendChild(element('span', 'change', '修改'));
    row.appendChild(line);
    if (items.length > 1 || items.length && items[0].label) { row.appendChild(tableOf(items)); }
    if (comment) { row.appendChild(element('p', 'said', comment)); }
    return row;
  }

  /* How often each grade was given in a part, in the order of its scale. */
  function sumsOf(part) {
    var order = [];
    var times = {};
    function add(word, many) {
      if (order.indexOf(word) < 0) { order.push(word); times[word] = 0; }
      times[word] += many;
    }
    part.subjects.forEach(function (subject) {
      var isOut = ballot.isLeftOut(subject);
      subject.items.forEach(function (item) {
        if (!item.words) { return; }
        item.words().forEach(function (word) { add(word, 0); });
        if (!isOut) { add(item.word(ballot.markOf(item)), 1); }
      });
    });
    part.subjects.forEach(function (subject) { if (ballot.isLeftOut(subject)) { add('不评', 1); } });
    return order.filter(function (word) { return word && times[word]; }).map(function (word) { return word + ' ' + times[word]; }).join(' · ');
  }

  function openReview() {
    var actions = element('div', 'actions at-end');
    var heading = element('h2', 'count', '请核对您的选择');
    var row = element('div', 'row');
    var cast = kaohe.button('确认提交', ballot.confirmCast, 'primary');
    review = element('section', 'fresh');
    review.id = 'review';
    heading.tabIndex = -1;
    row.appendChild(heading);
    row.appendChild(kaohe.button('', ballot.toggleVeil, 'plain veil'));
    ballot.showVeil(row.lastChild);
    review.appendChild(row);
    review.appendChild(element('p', 'hint', '还没有提交。请看到最后，再点“确认提交”。'));
    ballot.parts.forEach(function (part) {
      var lines = element('ol', 'lines');
      var sums = sumsOf(part);
      if (part.label) { review.appendChild(element('h3', 'part-name', part.label)); }
      if (sums) { review.appendChild(element('p', 'sums', sums)); }
      part.subjects.forEach(function (subject) { lines.appendChild(reviewLine(subject)); });
      review.appendChild(lines);
    });
    cast.disabled = true;
    actions.appendChild(cast);
    actions.appendChild(kaohe.button('返回修改', function () { ballot.closeReview(null); ballot.leaveStep(); }));
    review.appendChild(actions);
    scrolled = window.pageYOffset;
    isReviewing = true;
    ballot.form.hidden = true;
    ballot.main.appendChild(review);
    try { history.pushState({ kaohe: 'review' }, ''); } catch (old) { /* the phone's own back button leaves then */ }
    window.scrollTo(0, 0);
    heading.focus();
    letTouch(review, cast);
  }

  /* Counted from when the review has been painted, which takes its time on a slow phone. */
  function letTouch(opened, cast) {
    window.requestAnimationFrame(function () {
      window.setTimeout(function () {
        opened.classList.remove('fresh');
        cast.disabled = false;
      }, UNTOUCHABLE);
    });
  }

  ballot.closeReview = function (subject) {
    if (!isReviewing) { return; }
    isReviewing = false;
    kaohe.remove(review);
    ballot.form.hidden = false;
    if (subject && ballot.isSingle()) { ballot.showSubject(ballot.subjects.indexOf(subject), false); }
    if (subject) {
      ballot.scrollTo(subject.section);
      subject.items[0].focus();
    } else {
      window.scrollTo(0, scrolled);
      ballot.form.querySelector('button[type=submit]').focus({ preventScroll: true });
    }
  };

  ballot.leaveStep = function () {
    if (history.state && history.state.kaohe === 'review') { history.back(); }
  };

  ballot.refuseInPlace = function (text) {
    ballot.say(text);
    if (!isReviewing) { return; }
    /* Told once: what the page has brought of a pause, and what was told last. */
    kaohe.each(ballot.main.querySelectorAll('p.message'), kaohe.remove);
    var told = element('p', 'message bad', text);
    told.setAttribute('role', 'alert');
    review.insertBefore(told, review.querySelector('.actions'));
    review.querySelector('.primary').disabled = false;
  };
});
