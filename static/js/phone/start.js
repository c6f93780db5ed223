/* Before and after voting, and where each page begins. */
(function (kaohe) {
  'use strict';

  /* Before voting: ask now and then, touch nothing until it has begun. */
  function startWaiting(main) {
    var askAgain = Number(main.getAttribute('data-ask-again')) * 1000;
    var form = document.querySelector('form');
    var url = form ? form.getAttribute('action').replace(/\/ticket$/, '') : location.pathname;
    var scanned = kaohe.scanned(main);
    if (scanned.pool || scanned.code) {
      kaohe.byId('scan-hint').textContent = scanned.code ? '票码已读取，开始后自动填好。' : '会场码已读取，开始后自动为您领一张票。';
    }
    function later() {
      window.setTimeout(look, askAgain + Math.random() * askAgain / 2);
    }
    function look() {
      if (document.hidden) { later(); return; }
      var request = new XMLHttpRequest();
      request.open('GET', url);
      request.timeout = kaohe.TIMEOUT;
      request.onload = function () {
        if (request.status !== 200 || request.responseText.indexOf('data-waiting') >= 0) { later(); return; }
        if (form) { form.submit(); } else { location.reload(); }
      };
      request.onerror = request.ontimeout = later;
      request.send();
    }
    later();
  }

  /* After voting: settle what was sent without an answer, where the ticket is at hand, and forget the rest. */
  function startClosed(main) {
    var storageKeys = kaohe.storageKeys(main);
    var code = kaohe.scanned(main).code || kaohe.tab.get(storageKeys.ticket);
    var pending = storageKeys.round + (code && kaohe.digest(code));
    var draft = kaohe.readDraft(kaohe.local, pending, code);
    function settle() {
      kaohe.local.drop(pending);
      kaohe.tab.drop(storageKeys.ticket);
      kaohe.setFragment('');
    }
    kaohe.local.keys(storageKeys.drafts).forEach(function (key) { if (code && key !== pending) { kaohe.local.drop(key); } });
    kaohe.dropStale(storageKeys.drafts);
    kaohe.tab.keys(storageKeys.drafts).forEach(kaohe.tab.drop);
    if (!draft.body) { settle(); return; }
    var screen = kaohe.sendingScreen();
    screen.unsure(1);
    main.hidden = true;
    document.body.appendChild(screen.main);
    kaohe.ask(main.getAttribute('data-cast-url'), draft.body, {
      unsure: screen.unsure,
      answered: function (page) {
        if (!page.querySelector('[data-receipt]')) { return false; }
        settle();
        kaohe.sayResent(page, draft);
        kaohe.showPage(page, '已收到');
        return true;
      },
      refused: function (code, text, page) {
        settle();
        kaohe.showPage(page, text);
      }
    });
  }

  function startDraw(main) {
    kaohe.byId('draw-form').elements.draw.value = kaohe.drawNonce(kaohe.storageKeys(main));
  }

  /* 大字: one tap larger, a third one back; kept on this phone for whatever page comes. */
  var SIZES = [['', '大字'], ['large', '更大'], ['huge', '标准字']];
  function sizeType(main) {
    var header = main.querySelector('.heading');
    var size = Number(kaohe.local.get('kaohe.type')) || 0;
    var button = kaohe.button('', function () {
      size = (size + 1) % SIZES.length;
      kaohe.local.set('kaohe.type', String(size));
      show();
    }, 'plain bigger');
    function show() {
      document.documentElement.className = SIZES[size][0];
      button.textContent = SIZES[size][1];
      window.dispatchEvent(new Event('resize'));
    }
    if (header) { header.insertBefore(button, header.firstChild); }
    show();
  }

  /* Every way out takes the ticket along: a link may open where nothing else of this page is kept. */
  document.addEventListener('click', function (event) {
    var link = event.target;
    var main = document.querySelector('main');
    if (link.tagName !== 'A' || link.hash || !main) { return; }
    link.hash = location.hash || kaohe.tab.get(kaohe.storageKeys(main).ticket) || '';
  });

  var starts = { ballot: kaohe.startBallot, waiting: startWaiting, closed: startClosed, draw: startDraw };
  var main = document.querySelector('main');
  var isAble = window.crypto && window.crypto.getRandomValues && window.DOMParser && window.history.replaceState;
  if (isAble && main) {
    if (starts[main.id]) { starts[main.id](main); }
    sizeType(main);
  }
})(window.kaohe);
