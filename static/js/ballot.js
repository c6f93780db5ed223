/* The phone ballot. Plain ES5 in one file: it runs in the web views of old phones, and everything works without it. */
(function () {
  'use strict';

  var TIMEOUT = 10000;
  var FIRST_WAIT = 1000;
  var LONGEST_WAIT = 15000;
  var ASK_AGAIN = 8000;
  var PAD_STEP = 2048;
  var PAD_AT_MOST = 60000;
  var ALPHABET = '123456789ABCDEFGHJKMNPQRSTVWXYZ';
  var CODE_LENGTH = 16;

  /* ---- small tools ---- */

  function byId(id) {
    return document.getElementById(id);
  }

  function each(list, act) {
    Array.prototype.forEach.call(list, act);
  }

  function element(tag, className, text) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (text) { made.textContent = text; }
    return made;
  }

  function button(text, act, className) {
    var made = element('button', className, text);
    made.type = 'button';
    made.addEventListener('click', act);
    return made;
  }

  function remove(node) {
    if (node && node.parentNode) { node.parentNode.removeChild(node); }
  }

  /* Storage may be full, switched off or throwing; then the page's own memory has to do. */
  function shelf(area) {
    var memory = {};
    function real() {
      try { return window[area]; } catch (blocked) { return null; }
    }
    return {
      get: function (key) {
        try {
          var value = real().getItem(key);
          if (value !== null) { return value; }
        } catch (blocked) { /* the memory below answers */ }
        return memory[key] || null;
      },
      set: function (key, value) {
        memory[key] = value;
        try { real().setItem(key, value); } catch (blocked) { /* kept in memory */ }
      },
      drop: function (key) {
        delete memory[key];
        try { real().removeItem(key); } catch (blocked) { /* nothing was kept */ }
      },
      keys: function (prefix) {
        var found = Object.keys(memory);
        try { found = found.concat(Object.keys(real())); } catch (blocked) { /* only the memory */ }
        return found.filter(function (key, at) { return key.indexOf(prefix) === 0 && found.indexOf(key) === at; });
      }
    };
  }

  var local = shelf('localStorage');
  var tab = shelf('sessionStorage');

  function newNonce() {
    var bytes = new Uint8Array(16);
    window.crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) { return (byte < 16 ? '0' : '') + byte.toString(16); }).join('');
  }

  /* The same rule as kaohe/domain/ticket_codes.py; '' for what no ticket can be. */
  function readCode(typed) {
    var text = typed.normalize ? typed.normalize('NFKC') : typed;
    var code = text.toUpperCase().replace(/[LI]/g, '1').replace(/[\s\-—–·_]/g, '');
    var total = 0;
    if (code.length !== CODE_LENGTH) { return ''; }
    for (var at = 0; at < CODE_LENGTH; at += 1) {
      var index = ALPHABET.indexOf(code.charAt(at));
      if (index < 0) { return ''; }
      if (at < CODE_LENGTH - 1) { total += (at + 1) * index; }
    }
    return ALPHABET.charAt(total % ALPHABET.length) === code.charAt(CODE_LENGTH - 1) ? code : '';
  }

  /* Post until the answer is certain. A lost reply, a 5xx or a stranger's page says nothing about the ballot. */
  function ask(url, body, on) {
    var tries = 0;
    var timer = null;
    function again(seconds) {
      tries += 1;
      on.unsure(tries);
      timer = window.setTimeout(attempt, seconds * 1000 + Math.random() * Math.min(LONGEST_WAIT, FIRST_WAIT * Math.pow(2, tries)));
    }
    function attempt() {
      var request = new XMLHttpRequest();
      timer = null;
      request.open('POST', url);
      request.timeout = TIMEOUT;
      request.setRequestHeader('Content-Type', 'application/x-www-form-urlencoded');
      request.setRequestHeader('X-Kaohe-Script', '1');
      request.onload = function () {
        var page = new DOMParser().parseFromString(request.responseText, 'text/html');
        var refusal = page.querySelector('[data-error]');
        if (request.status === 200 && on.answered(page)) { return; }
        if (request.status >= 400 && request.status < 500 && refusal) {
          on.refused(refusal.getAttribute('data-error'), refusal.textContent, page);
          return;
        }
        again(Number(request.getResponseHeader('Retry-After')) || 0);
      };
      request.onerror = request.ontimeout = request.onabort = function () { again(0); };
      request.send(body);
    }
    window.addEventListener('online', function () {
      if (timer !== null) {
        window.clearTimeout(timer);
        timer = window.setTimeout(attempt, Math.random() * FIRST_WAIT);
      }
    });
    attempt();
  }

  function places(main) {
    var at = main.getAttribute('data-meeting') + '.' + main.getAttribute('data-style') + '.';
    var round = main.getAttribute('data-round') + '.';
    return {
      drafts: 'kaohe.draft.' + at,
      round: 'kaohe.draft.' + at + round,
      ticket: 'kaohe.ticket.' + at,
      pool: 'kaohe.pool.' + at,
      draw: 'kaohe.draw.' + at + round,
      draws: 'kaohe.draw.' + at
    };
  }

  /* The number that makes drawing again on this phone give the same ticket. */
  function drawNonce(place) {
    var nonce = local.get(place.draw) || newNonce();
    local.set(place.draw, nonce);
    return nonce;
  }

  /* Put one of the server's pages in place of everything that is shown. */
  function showPage(page, title) {
    var next = document.importNode(page.querySelector('main'), true);
    each(document.querySelectorAll('main'), remove);
    document.body.appendChild(next);
    document.title = title;
    window.scrollTo(0, 0);
    var heading = next.querySelector('h1');
    if (heading) { heading.focus(); }
  }

  /* The challenge code is the phone's own secret: the server has only functions of it, and a receipt does not tell it. */
  function showProof(nonce) {
    var part = document.querySelector('[data-proof]');
    if (!part) { return; }
    part.querySelector('.code').textContent = nonce.replace(/(.{4})(?!$)/g, '$1 ');
    part.hidden = false;
  }

  function sendingScreen() {
    var main = element('main', 'phone whole');
    var heading = element('h1', '', '正在提交…');
    var advice = element('p', '', '请不要关闭页面。');
    main.id = 'sending';
    advice.setAttribute('role', 'status');
    main.appendChild(element('div', 'pulse'));
    main.appendChild(heading);
    main.appendChild(advice);
    return {
      main: main,
      unsure: function (tries) {
        heading.textContent = '正在确认…';
        advice.textContent = tries < 4
          ? '请不要关闭页面。'
          : '网络不稳，正在自动重试，请不要关闭页面。重复发送不会重复计票；也可以请会务人员协助。';
      }
    };
  }

  function isFinal(code) {
    return ['ticket_used', 'meeting_closed', 'meeting_unknown', 'meeting_not_open', 'round_changed', 'mark_unknown', 'item_unknown', 'body_too_large'].indexOf(code) >= 0;
  }

  /* ---- before voting: ask now and then, touch nothing until it has begun ---- */

  function startWaiting() {
    var form = document.querySelector('form');
    var url = form ? form.getAttribute('action').replace(/\/ticket$/, '') : location.pathname;
    function later() {
      window.setTimeout(look, ASK_AGAIN + Math.random() * ASK_AGAIN / 2);
    }
    function look() {
      if (document.hidden) { later(); return; }
      var request = new XMLHttpRequest();
      request.open('GET', url);
      request.timeout = TIMEOUT;
      request.onload = function () {
        if (request.status !== 200 || request.responseText.indexOf('data-waiting') >= 0) { later(); return; }
        if (form) { form.submit(); } else { location.reload(); }
      };
      request.onerror = request.ontimeout = later;
      request.send();
    }
    later();
  }

  /* ---- after voting: settle what was sent without an answer, forget the rest ---- */

  function startClosed(main) {
    var place = places(main);
    var pending = '';
    local.keys(place.drafts).forEach(function (key) {
      var draft = readDraft(local, key);
      if (key.indexOf(place.round) === 0 && draft.body && !pending) { pending = key; } else { local.drop(key); }
    });
    tab.keys(place.drafts).forEach(tab.drop);
    tab.drop(place.ticket);
    if (!pending) { return; }
    var screen = sendingScreen();
    screen.unsure(1);
    main.hidden = true;
    document.body.appendChild(screen.main);
    ask(main.getAttribute('data-cast-url'), readDraft(local, pending).body, {
      unsure: screen.unsure,
      answered: function (page) {
        if (!page.querySelector('[data-receipt]')) { return false; }
        local.drop(pending);
        showPage(page, '已收到');
        return true;
      },
      refused: function (code, text, page) {
        local.drop(pending);
        showPage(page, text);
      }
    });
  }

  function startDraw(main) {
    byId('draw-form').elements.draw.value = drawNonce(places(main));
  }

  function readDraft(area, key) {
    var draft = null;
    try { draft = JSON.parse(area.get(key)); } catch (damaged) { /* an empty one takes its place */ }
    return draft && draft.marks && draft.comments ? draft : { nonce: '', marks: {}, comments: {}, body: '' };
  }

  /* ---- the ballot ---- */

  function startBallot(main) {
    var form = byId('ballot-form');
    var field = form.elements.ticket;
    var url = form.getAttribute('action');
    var place = places(main);
    var limit = Number(main.getAttribute('data-limit'));
    var topMark = main.getAttribute('data-top-mark');
    var ticket = '';
    var draft = readDraft(tab, '');
    var saving = null;
    var isReviewing = false;
    var isFinished = false;
    var shown = 0;
    var scrolled = 0;
    var hintOfTicket = byId('ticket-hint').textContent;

    /* What the page asks for: subjects in order, and by field name where a mark belongs. */
    var subjects = [];
    var items = {};
    each(form.querySelectorAll('.subject'), function (section) {
      var heading = section.querySelector('h2');
      var subject = { section: section, name: heading.firstChild.nodeValue.trim(), items: [], left: 0 };
      each(section.querySelectorAll('fieldset'), function (set) {
        var radios = set.querySelectorAll('input');
        var label = set.querySelector('legend').lastChild.nodeValue;
        var item = {
          set: set, subject: subject, field: radios[0].name, radios: radios, dimension: set.getAttribute('data-dimension'),
          label: label ? label.trim() : '', longest: 0
        };
        each(radios, function (radio) { item.longest = Math.max(item.longest, radio.name.length + radio.value.length + 2); });
        subject.items.push(item);
        items[item.field] = item;
      });
      subjects.push(subject);
    });

    /* ---- drafts ---- */

    function area() { return ticket ? local : tab; }

    function save() {
      window.clearTimeout(saving);
      saving = null;
      if (!isFinished) { area().set(place.round + ticket, JSON.stringify(draft)); }
    }

    function saveSoon() {
      if (saving === null) { saving = window.setTimeout(save, 300); }
    }

    function forget() {
      window.clearTimeout(saving);
      local.drop(place.round + ticket);
      tab.drop(place.round);
      tab.drop(place.ticket);
    }

    function forgetOtherRounds() {
      local.keys(place.drafts).forEach(function (key) { if (key.indexOf(place.round) !== 0) { local.drop(key); } });
      local.keys(place.draws).forEach(function (key) { if (key !== place.draw) { local.drop(key); } });
    }

    function isBlank() { return !Object.keys(draft.marks).length && !Object.keys(draft.comments).length; }

    function readPage() {
      each(form.elements, function (input) {
        if (input.type === 'radio' && input.checked) { draft.marks[input.name] = input.value; }
        if (input.type === 'textarea' && input.value) { draft.comments[input.name] = input.value; }
      });
    }

    function fillPage() {
      each(form.elements, function (input) {
        if (input.type === 'radio') { input.checked = draft.marks[input.name] === input.value; }
        if (input.type === 'textarea') {
          input.value = draft.comments[input.name] || '';
          if (input.value) { input.parentNode.open = true; }
        }
      });
    }

    /* The nonce belongs to ticket and round, so a retry after a reload is known as the same ballot. */
    function useTicket(code) {
      var stored = readDraft(local, place.round + code);
      if (ticket && ticket !== code) { local.drop(place.round + ticket); }
      tab.drop(place.round);
      ticket = code;
      tab.set(place.ticket, code);
      field.value = code.replace(/(....)(?=.)/g, '$1-');
      if (stored.body || isBlank()) { draft = stored; fillPage(); }
      draft.nonce = stored.nonce || newNonce();
      recount();
      save();
      if (draft.body) { send(); }
    }

    /* ---- progress ---- */

    var bar = element('div', 'progress');
    var count = element('span', 'count');
    var meter = element('progress');
    var notice = element('p', 'over');
    var way = button('逐个评', toggleSingle, 'plain');
    var veil = button('', toggleVeil, 'plain veil');
    var back = button('上一个', function () { showSubject(shown - 1, true); });
    var on = button('下一个', function () { showSubject(shown + 1, true); });
    var check = form.querySelector('button[type=submit]');
    var message = '';

    function buildBar() {
      var row = element('div', 'row');
      count.setAttribute('aria-live', 'polite');
      meter.max = subjects.length;
      meter.setAttribute('aria-label', '已评的考核对象');
      notice.setAttribute('role', 'alert');
      showVeil(veil);
      row.appendChild(count);
      row.appendChild(way);
      row.appendChild(veil);
      bar.appendChild(row);
      bar.appendChild(notice);
      bar.appendChild(meter);
      form.insertBefore(bar, byId('subjects'));
      byId('actions').insertBefore(on, check);
      byId('actions').insertBefore(back, on);
      way.hidden = subjects.length < 2;
      main.classList.add('scripted');
    }

    function recount() {
      subjects.forEach(function (subject) {
        subject.left = subject.items.filter(function (item) { return !draft.marks[item.field]; }).length;
      });
      showProgress();
    }

    function doneCount() { return subjects.filter(function (subject) { return !subject.left; }).length; }

    function overLimit() {
      if (!limit) { return ''; }
      var given = {};
      var over = null;
      Object.keys(items).forEach(function (name) {
        var item = items[name];
        if (draft.marks[name] !== topMark) { return; }
        given[item.dimension] = (given[item.dimension] || 0) + 1;
        if (given[item.dimension] > limit) { over = item; }
      });
      return over ? main.getAttribute('data-limit-text') + '，现在' + (over.label ? '“' + over.label + '”一项' : '') + '选了 ' + given[over.dimension] + ' 个，请调整。' : '';
    }

    function say(text) {
      message = text;
      showProgress();
    }

    function showProgress() {
      var done = doneCount();
      var isSingle = main.classList.contains('single');
      var text = message || overLimit();
      count.textContent = '已评 ' + done + '/' + subjects.length;
      meter.value = done;
      if (notice.textContent !== text) { notice.textContent = text; }
      notice.hidden = !text;
      back.hidden = !isSingle;
      back.disabled = shown === 0;
      on.hidden = !isSingle || shown === subjects.length - 1;
      check.hidden = isSingle && shown !== subjects.length - 1 && done < subjects.length;
    }

    function onChange(event) {
      var input = event.target;
      var item = items[input.name];
      if (item && input.checked) {
        if (!draft.marks[input.name]) { item.subject.left -= 1; }
        draft.marks[input.name] = input.value;
        item.set.classList.remove('missing');
        message = '';
        showProgress();
        saveSoon();
      } else if (input === field) {
        onTicketTyped(true);
      }
    }

    function onInput(event) {
      var input = event.target;
      if (input.type !== 'textarea') { return; }
      if (input.value) { draft.comments[input.name] = input.value; } else { delete draft.comments[input.name]; }
      input.parentNode.querySelector('.hint').textContent = '请勿写可识别身份的内容。还可以写 ' + (input.maxLength - input.value.length) + ' 字。';
      saveSoon();
    }

    /* What is wrong with the ticket stands under its field; '' takes it away again. */
    function sayOfTicket(text, stays) {
      var hint = byId('ticket-hint');
      hint.textContent = text || hintOfTicket;
      hint.classList.toggle('wrong', Boolean(text));
      field.setAttribute('aria-invalid', String(Boolean(text)));
      if (text && !stays) {
        openTicket();
        scrollTo(byId('ticket-part'));
        field.focus({ preventScroll: true });
      }
    }

    function onTicketTyped(stays) {
      var code = readCode(field.value);
      if (code) {
        sayOfTicket('');
        if (code !== ticket) { useTicket(code); }
      } else if (field.value) {
        sayOfTicket('票码输入有误，请对照票面逐位核对后重新输入。', stays);
      }
    }

    /* ---- one at a time, or all in a list; choices open, or covered ---- */

    function toggleSingle() {
      var isSingle = !main.classList.contains('single');
      main.classList.toggle('single', isSingle);
      way.textContent = isSingle ? '列表' : '逐个评';
      if (isSingle) {
        var open = subjects.filter(function (subject) { return subject.left; })[0];
        showSubject(open ? subjects.indexOf(open) : 0, false);
      }
      showProgress();
      scrollTo(subjects[shown].section);
    }

    function showSubject(index, moves) {
      subjects[shown].section.classList.remove('shown');
      shown = Math.max(0, Math.min(subjects.length - 1, index));
      subjects[shown].section.classList.add('shown');
      showProgress();
      if (moves) { scrollTo(subjects[shown].section); }
    }

    function toggleVeil() {
      var isVeiled = !main.classList.contains('veiled');
      main.classList.toggle('veiled', isVeiled);
      each(main.querySelectorAll('.veil'), showVeil);
    }

    function showVeil(veil) {
      var isVeiled = main.classList.contains('veiled');
      veil.textContent = isVeiled ? '显示' : '遮挡';
      veil.setAttribute('aria-pressed', String(isVeiled));
    }

    function scrollTo(target) {
      var top = target.getBoundingClientRect().top + window.pageYOffset - bar.offsetHeight - 8;
      var isCalm = window.matchMedia && window.matchMedia('(prefers-reduced-motion: reduce)').matches;
      try { window.scrollTo({ top: top, behavior: isCalm ? 'auto' : 'smooth' }); } catch (old) { window.scrollTo(0, top); }
    }

    /* ---- review ---- */

    var review = null;

    function onReview(event) {
      event.preventDefault();
      if (isFinished) { return; }
      if (!readCode(field.value)) {
        if (field.value) { onTicketTyped(false); } else { sayOfTicket('请扫描票上的二维码，或在这里输入票码。'); }
        return;
      }
      onTicketTyped(false);
      if (main.hidden) { return; }
      var missing = subjects.filter(function (subject) { return subject.left; });
      if (missing.length) { jumpToMissing(missing); return; }
      if (overLimit()) { say(''); return; }
      save();
      openReview();
    }

    function jumpToMissing(missing) {
      missing.forEach(function (subject) {
        subject.items.forEach(function (item) { item.set.classList.toggle('missing', !draft.marks[item.field]); });
      });
      var first = missing[0].items.filter(function (item) { return !draft.marks[item.field]; })[0];
      say('还有 ' + missing.length + ' 个考核对象没有评完，已转到第一个：' + missing[0].name + '。');
      if (main.classList.contains('single')) { showSubject(subjects.indexOf(missing[0]), false); }
      scrollTo(first === missing[0].items[0] ? missing[0].section : first.set);
      first.radios[0].focus({ preventScroll: true });
    }

    function labelOf(item) {
      var chosen = Array.prototype.filter.call(item.radios, function (radio) { return radio.value === draft.marks[item.field]; })[0];
      return chosen.nextElementSibling.textContent;
    }

    function reviewLine(subject) {
      var row = element('li');
      var line = button('', function () { closeReview(subject); leaveStep(); }, 'line');
      var chosen = element('span', 'chosen');
      line.appendChild(element('span', 'name', subject.name));
      subject.items.forEach(function (item) {
        var part = element('span');
        if (item.label) { part.appendChild(element('i', '', item.label + ' ')); }
        part.appendChild(document.createTextNode(labelOf(item)));
        chosen.appendChild(part);
        chosen.appendChild(document.createTextNode(' '));
      });
      line.appendChild(chosen);
      var comment = draft.comments['c.' + subject.section.id];
      if (comment) { line.appendChild(element('span', 'said', comment)); }
      row.appendChild(line);
      return row;
    }

    function openReview() {
      var lines = element('ol', 'lines');
      var actions = element('div', 'actions');
      var heading = element('h2', '', '请核对您的选择');
      review = element('section');
      review.id = 'review';
      heading.tabIndex = -1;
      var row = element('div', 'row');
      heading.className = 'count';
      row.appendChild(heading);
      row.appendChild(button('', toggleVeil, 'plain veil'));
      showVeil(row.lastChild);
      review.appendChild(row);
      review.appendChild(element('p', 'hint', '还没有提交。点任意一行可以修改。'));
      subjects.forEach(function (subject) { lines.appendChild(reviewLine(subject)); });
      review.appendChild(lines);
      actions.appendChild(button('返回修改', function () { closeReview(null); leaveStep(); }));
      actions.appendChild(button('确认提交', confirmCast, 'primary'));
      review.appendChild(actions);
      scrolled = window.pageYOffset;
      isReviewing = true;
      form.hidden = true;
      main.appendChild(review);
      try { history.pushState({ kaohe: 'review' }, ''); } catch (old) { /* the phone's own back button leaves then */ }
      window.scrollTo(0, 0);
      heading.focus();
    }

    function closeReview(subject) {
      if (!isReviewing) { return; }
      isReviewing = false;
      remove(review);
      form.hidden = false;
      if (subject && main.classList.contains('single')) { showSubject(subjects.indexOf(subject), false); }
      if (subject) { scrollTo(subject.section); } else { window.scrollTo(0, scrolled); }
    }

    function leaveStep() {
      if (history.state && history.state.kaohe === 'review') { history.back(); }
    }

    function onStepBack() {
      if (isFinished) { location.reload(); return; }
      closeReview(null);
    }

    /* ---- casting ---- */

    /* One length for every ballot of the style, so that its size on the wire tells nothing. */
    function bodyText() {
      var parts = ['ticket=' + ticket, 'nonce=' + draft.nonce, 'round=' + encodeURIComponent(form.elements.round.value)];
      var length = parts.join('&').length;
      var said = '';
      Object.keys(items).forEach(function (name) {
        parts.push(name + '=' + draft.marks[name]);
        length += items[name].longest;
      });
      Object.keys(draft.comments).forEach(function (name) {
        said += '&' + name + '=' + encodeURIComponent(draft.comments[name].replace(/[\ud800-\udbff](?![\udc00-\udfff])/g, ''));
      });
      var body = parts.join('&') + said;
      var wanted = length + (form.querySelector('textarea') ? (Math.floor(said.length / PAD_STEP) + 1) * PAD_STEP : 0);
      if (wanted > PAD_AT_MOST) { return body; }
      return body + '&pad=' + new Array(Math.max(0, wanted - body.length) + 1).join('x');
    }

    function confirmCast(event) {
      event.target.disabled = true;
      draft.body = bodyText();
      send();
    }

    function send() {
      var screen = sendingScreen();
      save();
      main.hidden = true;
      document.body.appendChild(screen.main);
      window.scrollTo(0, 0);
      ask(url, draft.body, {
        unsure: screen.unsure,
        answered: function (page) {
          if (!page.querySelector('[data-receipt]')) { return false; }
          var proof = draft.nonce;
          end(page, '已收到');
          showProof(proof);
          return true;
        },
        refused: function (code, text, page) {
          if (isFinal(code)) { end(page, text, code); return; }
          draft.body = '';
          remove(screen.main);
          main.hidden = false;
          if (code !== 'meeting_paused') { closeReview(null); leaveStep(); }
          if (code.indexOf('ticket_') === 0) { sayOfTicket(text); } else { refuseInPlace(text); }
          save();
        }
      });
    }

    function refuseInPlace(text) {
      say(text);
      if (!isReviewing) { return; }
      remove(review.querySelector('.message'));
      var told = element('p', 'message bad', text);
      told.setAttribute('role', 'alert');
      review.insertBefore(told, review.querySelector('.lines'));
      review.querySelector('.primary').disabled = false;
    }

    /* The choices leave the phone's storage and the page together. */
    function end(page, title, code) {
      var code16 = ticket;
      isFinished = true;
      forget();
      draft = null;
      ticket = '';
      showPage(page, title);
      if (code === 'round_changed') {
        each(document.querySelectorAll('main .again'), function (link) {
          link.addEventListener('click', function () { tab.set(place.ticket, code16); });
        });
      }
    }

    /* ---- the ticket: from the fragment, from the shared code, or typed ---- */

    var read = element('div', 'ticket-read');

    function closeTicket(text) {
      var part = byId('ticket-part');
      each(part.children, function (child) { child.hidden = true; });
      read.textContent = '';
      read.appendChild(element('span', '', text));
      read.appendChild(button('更换', function () { openTicket(); field.focus(); }, 'plain'));
      read.hidden = false;
      part.appendChild(read);
    }

    function openTicket() {
      each(byId('ticket-part').children, function (child) { child.hidden = false; });
      remove(read);
    }

    function drawTicket(pool) {
      var waiting = element('p', 'message', '正在领票，请稍候…');
      waiting.setAttribute('role', 'status');
      tab.set(place.pool, pool);
      byId('ticket-part').hidden = true;
      form.insertBefore(waiting, byId('ticket-part'));
      function ready() {
        tab.drop(place.pool);
        remove(waiting);
        byId('ticket-part').hidden = false;
      }
      ask(url + '/ticket', 'pool=' + encodeURIComponent(pool) + '&draw=' + drawNonce(place), {
        unsure: function () { waiting.textContent = '网络不稳，正在自动重试领票，请稍候…'; },
        answered: function (page) {
          var found = page.querySelector('[data-ticket]');
          if (!found) { return false; }
          ready();
          useTicket(found.getAttribute('data-ticket'));
          closeTicket('已领到一张票');
          return true;
        },
        refused: function (code, text) { ready(); sayOfTicket(text); }
      });
    }

    function takeFragment() {
      var text = '';
      try { text = decodeURIComponent(location.hash.slice(1)); } catch (damaged) { /* no ticket then */ }
      var prefix = main.getAttribute('data-pool-prefix');
      var found = { pool: '', code: '' };
      if (text.indexOf(prefix) === 0) { found.pool = text.slice(prefix.length); } else { found.code = readCode(text); }
      if (found.pool || found.code) { history.replaceState(history.state, '', location.pathname + location.search); }
      return found;
    }

    /* Another slip scanned while this page is open: what is here is kept under its own ticket. */
    function onOtherTicket() {
      var found = takeFragment();
      if (!found.pool && !found.code) { return; }
      if (!isFinished) { save(); }
      if (found.pool) { tab.set(place.pool, found.pool); tab.drop(place.ticket); } else { tab.set(place.ticket, found.code); }
      location.reload();
    }

    function start() {
      var scanned = takeFragment();
      var pool = scanned.pool || (scanned.code ? '' : tab.get(place.pool));
      var code = scanned.code || (pool ? '' : readCode(field.value) || tab.get(place.ticket));
      forgetOtherRounds();
      buildBar();
      readPage();
      if (!code && isBlank()) { draft = readDraft(tab, place.round); fillPage(); }
      recount();
      form.addEventListener('change', onChange);
      form.addEventListener('input', onInput);
      form.addEventListener('submit', onReview);
      window.addEventListener('popstate', onStepBack);
      window.addEventListener('hashchange', onOtherTicket);
      window.addEventListener('pagehide', function () { if (saving !== null) { save(); } });
      document.addEventListener('visibilitychange', function () { if (saving !== null) { save(); } });
      if (pool) { drawTicket(pool); return; }
      if (code) { closeTicket('票码已读取'); useTicket(code); }
    }

    start();
  }

  var starts = { ballot: startBallot, waiting: startWaiting, closed: startClosed, draw: startDraw };
  var main = document.querySelector('main');
  var isAble = window.crypto && window.crypto.getRandomValues && window.DOMParser && window.history.replaceState;
  if (isAble && main && starts[main.id]) { starts[main.id](main); }
})();
