/* All choices once more before anything is sent. */
window.kaohe.chapters.push(function (ballot) {
  'use strict';

  var kaohe = window.kaohe;
  var element = kaohe.element;
  var review = null;
  var scrolled = 0;
  var isReviewing = false;

  ballot.askReview = function () {
    var missing = ballot.needed.filter(function (subject) { return subject.left; });
    if (missing.length) { jumpToMissing(missing); return; }
    if (ballot.overLimit() || ballot.underLimit()) { ballot.say(ballot.overLimit() ? '' : ballot.underLimit()); return; }
    ballot.save();
    openReview();
  };

  function jumpToMissing(missing) {
    var subject = missing[0];
    var first = ballot.missingOf(subject)[0];
    missing.forEach(function (each) {
      ballot.missingOf(each).forEach(function (item) {
        item.node.classList.add('missing');
        if (item.judge) { item.judge(true); }
      });
    });
    ballot.say(ballot.givenTo(first)
      ? subject.name + '有一处填写有误，请按提示改正。'
      : '还有 ' + missing.length + ' 个考核对象没有评完，已转到第一个：' + subject.name + '。');
    if (ballot.isSingle()) { ballot.showSubject(ballot.subjects.indexOf(subject), false); }
    ballot.scrollTo(first === subject.items[0] ? subject.section : first.node);
    first.focus();
  }

  function reviewLine(subject) {
    var row = element('li');
    var line = kaohe.button('', function () { ballot.closeReview(subject); ballot.leaveStep(); }, 'line');
    var chosen = element('span', 'chosen');
    var label = '';
    var comment = ballot.isLeftOut(subject) ? '' : ballot.draft.comments['c.' + subject.section.id];
    line.appendChild(element('span', 'name', subject.name));
    subject.items.forEach(function (item) {
      var word = ballot.isLeftOut(subject) ? '' : item.word(ballot.markOf(item));
      var part = element('span');
      if (!word) { return; }
      if (item.label && item.label !== label) { part.appendChild(element('i', '', item.label + ' ')); }
      label = item.label;
      part.appendChild(document.createTextNode(word));
      chosen.appendChild(part);
      chosen.appendChild(document.createTextNode(' '));
    });
    if (subject.sum) { chosen.appendChild(element('span', 'sum', subject.sum)); }
    if (ballot.isLeftOut(subject)) { chosen.appendChild(element('span', '', '不评')); }
    line.appendChild(chosen);
    if (comment) { line.appendChild(element('span', 'said', comment)); }
    row.appendChild(line);
    return row;
  }

  function openReview() {
    var actions = element('div', 'actions');
    var heading = element('h2', 'count', '请核对您的选择');
    var row = element('div', 'row');
    review = element('section');
    review.id = 'review';
    heading.tabIndex = -1;
    row.appendChild(heading);
    row.appendChild(kaohe.button('', ballot.toggleVeil, 'plain veil'));
    ballot.showVeil(row.lastChild);
    review.appendChild(row);
    review.appendChild(element('p', 'hint', '还没有提交。点任意一行可以修改。'));
    ballot.parts.forEach(function (part) {
      var lines = element('ol', 'lines');
      if (part.label) { review.appendChild(element('h3', 'part-name', part.label)); }
      part.subjects.forEach(function (subject) { lines.appendChild(reviewLine(subject)); });
      review.appendChild(lines);
    });
    actions.appendChild(kaohe.button('返回修改', function () { ballot.closeReview(null); ballot.leaveStep(); }));
    actions.appendChild(kaohe.button('确认提交', ballot.confirmCast, 'primary'));
    review.appendChild(actions);
    scrolled = window.pageYOffset;
    isReviewing = true;
    ballot.form.hidden = true;
    ballot.main.appendChild(review);
    try { history.pushState({ kaohe: 'review' }, ''); } catch (old) { /* the phone's own back button leaves then */ }
    window.scrollTo(0, 0);
    heading.focus();
  }

  ballot.closeReview = function (subject) {
    if (!isReviewing) { return; }
    isReviewing = false;
    kaohe.remove(review);
    ballot.form.hidden = false;
    if (subject && ballot.isSingle()) { ballot.showSubject(ballot.subjects.indexOf(subject), false); }
    if (subject) { ballot.scrollTo(subject.section); } else { window.scrollTo(0, scrolled); }
  };

  ballot.leaveStep = function () {
    if (history.state && history.state.kaohe === 'review') { history.back(); }
  };

  ballot.refuseInPlace = function (text) {
    ballot.say(text);
    if (!isReviewing) { return; }
    kaohe.remove(review.querySelector('.message'));
    var told = element('p', 'message bad', text);
    told.setAttribute('role', 'alert');
    review.insertBefore(told, review.querySelector('.lines'));
    review.querySelector('.primary').disabled = false;
  };
});
