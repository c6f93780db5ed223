/* Asking the server until the answer is certain, and what the voter sees meanwhile. */
(function (kaohe) {
  'use strict';

  var FIRST_WAIT = 1000;
  var LONGEST_WAIT = 15000;
  var FINAL = ['ticket_used', 'ticket_other_form', 'meeting_closed', 'meeting_unknown', 'meeting_not_open', 'round_changed', 'mark_unknown', 'item_unknown', 'answer_unknown', 'body_too_large'];

  var LOST_AT_LEAST = 3;

  kaohe.TIMEOUT = 10000;

  /* What a voter can do once several requests were lost; '' before that. */
  kaohe.networkHint = function (tries) {
    return tries < LOST_AT_LEAST ? '' : '请看手机是不是还连着会场的无线网络；提示“无法上网”时点“保持连接”，或暂时关闭移动数据。';
  };

  /* Whether a refusal ends this ballot. */
  kaohe.isFinal = function (code) {
    return FINAL.indexOf(code) >= 0;
  };

  /* Post until the answer is certain. A lost reply, a 5xx or a stranger's page says nothing about the ballot. */
  kaohe.ask = function (url, body, on) {
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
      request.timeout = kaohe.TIMEOUT;
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
  };

  /* Put one of the server's pages in place of everything that is shown. */
  kaohe.showPage = function (page, title) {
    var next = document.importNode(page.querySelector('main'), true);
    kaohe.each(document.querySelectorAll('main'), kaohe.remove);
    document.body.appendChild(next);
    document.title = title;
    window.scrollTo(0, 0);
    var heading = next.querySelector('h1');
    if (heading) { heading.focus(); }
  };

  /* The tick stands for this phone's own envelope: its receipt is known before it is sent. Where the server has sealed, the nonce has to do. */
  kaohe.sayResent = function (page, draft) {
    if (draft.receipt && draft.receipt !== page.querySelector('[data-receipt]').getAttribute('data-receipt')) { return; }
    kaohe.each(page.querySelectorAll('[data-resent]'), function (node) { node.textContent = node.getAttribute('data-resent'); });
    kaohe.each(page.querySelectorAll('.tick'), function (tick) { tick.removeAttribute('hidden'); });
  };

  kaohe.sendingScreen = function () {
    var main = kaohe.element('main', 'phone whole');
    var heading = kaohe.element('h1', '', '正在提交…');
    var advice = kaohe.element('p', '', '请不要关闭页面。');
    main.id = 'sending';
    heading.tabIndex = -1;
    heading.setAttribute('aria-live', 'polite');
    advice.setAttribute('role', 'status');
    main.appendChild(kaohe.element('div', 'pulse'));
    main.appendChild(heading);
    main.appendChild(advice);
    return {
      main: main,
      heading: heading,
      unsure: function (tries) {
        heading.textContent = '正在确认…';
        advice.textContent = tries < LOST_AT_LEAST
          ? '请不要关闭页面。'
          : '网络不稳，正在自动重试，请不要关闭页面。重复发送不会重复计票；也可以请会务人员协助。' + kaohe.networkHint(tries);
      }
    };
  };
})(window.kaohe);
