/* How far the voter is: the bar on top, one subject at a time or all in a list, choices open or covered. */
window.kaohe.chapters.push(function (ballot) {
  'use strict';

  var kaohe = window.kaohe;
  var element = kaohe.element;
  var main = ballot.main;
  var subjects = ballot.subjects;
  var bar = element('div', 'progress');
  var count = element('span', 'count');
  var meter = element('progress');
  var notice = element('p', 'over');
  var unrated = element('span', '', '尚未评');
  var way = kaohe.button('逐个评', toggleSingle, 'plain');
  var veil = kaohe.button('', ballot.toggleVeil = toggleVeil, 'plain veil');
  var back = kaohe.button('上一个', function () { ballot.showSubject(shown - 1, true); });
  var on = kaohe.button('下一个', function () { goOn(); });
  var check = ballot.form.querySelector('button[type=submit]');
  var message = '';
  var shown = 0;
  var NEXT_AFTER = 350;
  var TALL = 4;
  var SETTLED_AFTER = 500;
  var settling = null;
  var settledLook = '';

  ballot.buildBar = function () {
    var row = element('div', 'row');
    count.setAttribute('aria-live', 'polite');
    meter.setAttribute('aria-label', '已评的考核对象');
    notice.setAttribute('role', 'alert');
    notice.tabIndex = -1;
    unrated.id = 'unrated';
    unrated.hidden = true;
    bar.appendChild(unrated);
    ballot.showVeil(veil);
    row.appendChild(count);
    row.appendChild(way);
    row.appendChild(veil);
    bar.appendChild(row);
    window.addEventListener('resize', measure);
    window.addEventListener('resize', settle);
    bar.appendChild(notice);
    bar.appendChild(meter);
    ballot.form.insertBefore(bar, kaohe.byId('subjects'));
    kaohe.byId('actions').insertBefore(on, check);
    kaohe.byId('actions').insertBefore(back, on);
    way.hidden = ballot.needed.length < 2;
    main.classList.add('scripted');
    settle();
  };

  /* Once all has been laid out, its heights are known, and a slow phone need not paint again what is out of sight. */
  function settle() {
    /* A renderer of Chromium has crashed where text was opened inside of what it may leave unpainted. */
    if (main.querySelector('[data-material]')) { return; }
    var look = window.innerWidth + document.documentElement.className;
    if (look === settledLook) { return; }
    settledLook = look;
    main.classList.remove('settled');
    window.clearTimeout(settling);
    settling = window.setTimeout(function () {
      window.requestAnimationFrame(function () {
        window.setTimeout(function () { main.classList.add('settled'); }, 0);
      });
    }, SETTLED_AFTER);
  }

  /* Names stick below the bar, whose height changes with what it says. */
  function measure() {
    var isTall = bar.offsetHeight * TALL > window.innerHeight;
    main.classList.toggle('tall', isTall);
    main.style.setProperty('--bar', (isTall ? 0 : bar.offsetHeight) + 'px');
  }

  /* The items of a subject that still want a mark. */
  ballot.missingOf = function (subject) {
    if (ballot.isLeftOut(subject)) { return []; }
    return subject.items.filter(function (item) { return item.isNeeded && !ballot.markOf(item); });
  };

  ballot.recountOf = function (subject) {
    subject.left = ballot.missingOf(subject).length;
    ballot.watchers.forEach(function (watch) { watch(subject); });
  };

  ballot.recount = function () {
    subjects.forEach(ballot.recountOf);
    ballot.showProgress();
  };

  function picksOf(part) {
    return part.subjects.filter(function (subject) { return ballot.markOf(subject.items[0]); }).length;
  }

  /* The most that any dimension has of the limited grade: 优秀 2/3. */
  function usedOf(part) {
    var given = {};
    var most = 0;
    var word = '';
    part.subjects.forEach(function (subject) {
      subject.items.forEach(function (item) {
        if (!item.dimension || !item.words) { return; }
        word = word || item.word(part.topMark);
        if (ballot.isLeftOut(subject) || ballot.markOf(item) !== part.topMark) { return; }
        given[item.dimension] = (given[item.dimension] || 0) + 1;
        most = Math.max(most, given[item.dimension]);
      });
    });
    return word + ' ' + most + '/' + part.limit;
  }

  function inPart(part, text) { return (ballot.parts.length > 1 ? part.label + '：' : '') + text; }

  /* What is over its limit, in words; '' where nothing is. */
  ballot.overLimit = function () {
    var told = '';
    ballot.parts.forEach(function (part) {
      var given = {};
      if (!part.limitText) { return; }
      part.subjects.forEach(function (subject) {
        subject.items.forEach(function (item) {
          if (!item.dimension || ballot.isLeftOut(subject) || ballot.markOf(item) !== part.topMark) { return; }
          given[item.dimension] = (given[item.dimension] || 0) + 1;
          if (given[item.dimension] > part.limit) {
            told = inPart(part, part.limitText + '，现在' + (item.label ? '“' + item.label + '”一项' : '') + '选了 ' + given[item.dimension] + ' 个，请调整。');
          }
        });
      });
    });
    return told;
  };

  /* What is chosen too seldom; told only before casting, since everybody begins with none. */
  ballot.underLimit = function () {
    var told = '';
    ballot.parts.forEach(function (part) {
      if (part.isPicked && picksOf(part) < part.fewest) { told = inPart(part, '至少选 ' + part.fewest + ' 个，现在选了 ' + picksOf(part) + ' 个，请补选。'); }
    });
    return told;
  };

  /* Nothing changes in it where it has been told before, so nothing would be spoken. */
  ballot.focusNotice = function () { notice.focus({ preventScroll: true }); };

  ballot.say = function (text) {
    message = text;
    ballot.showProgress();
  };

  ballot.showProgress = function () {
    var done = ballot.needed.filter(function (subject) { return !subject.left; }).length;
    var left = ballot.needed.length - done;
    var isSingle = main.classList.contains('single');
    var text = message || ballot.overLimit();
    var counts = ballot.needed.length ? ['已评 ' + done + '/' + ballot.needed.length] : [];
    meter.max = ballot.needed.length || 1;
    meter.value = done;
    if (isSingle) { counts = ['第 ' + (shown + 1) + '/' + subjects.length + ' 位', subjects[shown].name]; }
    ballot.parts.forEach(function (part) {
      if (part.limitText && !part.isPicked && (!isSingle || subjects[shown].part === part)) { counts.push(usedOf(part)); }
      if (!part.isPicked) { return; }
      counts.push('已选 ' + picksOf(part) + '/' + part.limit);
      if (!ballot.needed.length) { meter.max = part.limit || 1; meter.value = Math.min(picksOf(part), part.limit); }
    });
    if (count.textContent !== counts.join(' · ')) { count.textContent = counts.join(' · '); }
    if (notice.textContent !== text || notice.hidden !== !text) {
      notice.textContent = text;
      notice.hidden = !text;
      measure();
    }
    check.textContent = left ? '还有 ' + left + ' 个未评' : '填好了，去核对';
    check.classList.toggle('primary', !left);
    back.hidden = !isSingle;
    back.disabled = shown === 0;
    on.hidden = !isSingle || shown === subjects.length - 1;
    check.hidden = isSingle && shown !== subjects.length - 1 && left > 0;
  };

  /* ---- one at a time, or all in a list; choices open, or covered ---- */

  ballot.isSingle = function () { return main.classList.contains('single'); };

  function toggleSingle() {
    var isSingle = !ballot.isSingle();
    main.classList.toggle('single', isSingle);
    way.textContent = isSingle ? '列表' : '逐个评';
    if (isSingle) {
      var open = subjects.filter(function (subject) { return subject.left; })[0];
      ballot.showSubject(open ? subjects.indexOf(open) : 0, false);
    }
    ballot.showProgress();
    ballot.scrollTo(subjects[shown].section);
  }

  /* To the next subject, once this one is done. */
  function goOn() {
    var subject = subjects[shown];
    if (subject.left) { ballot.askFor(subject); return; }
    if (shown < subjects.length - 1) {
      ballot.showSubject(shown + 1, true);
      subjects[shown].items[0].focus();
    }
  }

  /* A tap has given the last grade that a subject wanted: show it for a moment, then the next one. */
  ballot.goOnFrom = function (subject) {
    var from = shown;
    if (!ballot.isSingle() || subjects[shown] !== subject || subject.left) { return; }
    window.setTimeout(function () {
      if (ballot.isSingle() && shown === from && !main.hidden && !subject.left) { goOn(); }
    }, NEXT_AFTER);
  };

  function setShown(isShown) {
    subjects[shown].section.classList.toggle('shown', isShown);
    subjects[shown].part.node.classList.toggle('shown', isShown);
  }

  ballot.showSubject = function (index, moves) {
    setShown(false);
    shown = Math.max(0, Math.min(subjects.length - 1, index));
    setShown(true);
    ballot.showProgress();
    if (moves) { ballot.scrollTo(subjects[shown].section); }
  };

  function toggleVeil() {
    main.classList.toggle('veiled');
    kaohe.each(main.querySelectorAll('.veil'), ballot.showVeil);
  }

  ballot.showVeil = function (veil) {
    var isVeiled = main.classList.contains('veiled');
    veil.textContent = isVeiled ? '显示' : '遮挡';
    veil.setAttribute('aria-pressed', String(isVeiled));
  };

  ballot.scrollTo = function (target) {
    var top = target.getBoundingClientRect().top + window.pageYOffset - bar.offsetHeight - 8;
    var isCalm = window.matchMedia && window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    try { window.scrollTo({ top: top, behavior: isCalm ? 'auto' : 'smooth' }); } catch (old) { window.scrollTo(0, top); }
  };
});
