/* Before and after voting, and where each page begins. */
(function (kaohe) {
  'use strict';

  /* Before voting: ask now and then, touch nothing until it has begun. */
  function startWaiting(main) {
    var askAgain = Number(main.getAttribute('data-ask-again')) * 1000;
    var form = document.querySelector('form');
    var url = form ? form.getAttribute('action').replace(/\/ticket$/, '') : location.pathname;
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

  /* After voting: settle what was sent without an answer, forget the rest. */
  function startClosed(main) {
    var storageKeys = kaohe.storageKeys(main);
    var pending = '';
    kaohe.local.keys(storageKeys.drafts).forEach(function (key) {
      var draft = kaohe.readDraft(kaohe.local, key);
      if (key.indexOf(storageKeys.round) === 0 && draft.body && !pending) { pending = key; } else { kaohe.local.drop(key); }
    });
    kaohe.tab.keys(storageKeys.drafts).forEach(kaohe.tab.drop);
    kaohe.tab.drop(storageKeys.ticket);
    if (!pending) { return; }
    var draft = kaohe.readDraft(kaohe.local, pending);
    var screen = kaohe.sendingScreen();
    screen.unsure(1);
    main.hidden = true;
    document.body.appendChild(screen.main);
    kaohe.ask(main.getAttribute('data-cast-url'), draft.body, {
      unsure: screen.unsure,
      answered: function (page) {
        if (!page.querySelector('[data-receipt]')) { return false; }
        kaohe.local.drop(pending);
        kaohe.sayResent(page, draft);
        kaohe.showPage(page, '已收到');
        return true;
      },
      refused: function (code, text, page) {
        kaohe.local.drop(pending);
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

  var starts = { ballot: kaohe.startBallot, waiting: startWaiting, closed: startClosed, draw: startDraw };
  var main = document.querySelector('main');
  var isAble = window.crypto && window.crypto.getRandomValues && window.DOMParser && window.history.replaceState;
  if (isAble && main && starts[main.id]) {
    starts[main.id](main);
    sizeType(main);
  }
})(window.kaohe);
