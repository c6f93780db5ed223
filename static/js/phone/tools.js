/* The phone ballot. Plain ES5: it runs in the web views of old phones, and everything works without it.
   These files are sent as one (kaohe/web/voter/phone_files.py); each adds its part to the one object below. */
window.kaohe = window.kaohe || { kinds: {}, chapters: [] };

(function (kaohe) {
  'use strict';

  var ALPHABET = kaohe.ALPHABET = '123456789ABCDEFGHJKMNPQRSTVWXYZ';
  var CODE_LENGTH = 16;

  kaohe.byId = function (id) {
    return document.getElementById(id);
  };

  kaohe.each = function (list, act) {
    Array.prototype.forEach.call(list, act);
  };

  kaohe.element = function (tag, className, text) {
    var made = document.createElement(tag);
    if (className) { made.className = className; }
    if (text) { made.textContent = text; }
    return made;
  };

  kaohe.button = function (text, act, className) {
    var made = kaohe.element('button', className, text);
    made.type = 'button';
    if (act) { made.addEventListener('click', act); }
    return made;
  };

  kaohe.remove = function (node) {
    if (node && node.parentNode) { node.parentNode.removeChild(node); }
  };

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

  var DAY = 24 * 60 * 60 * 1000;

  kaohe.today = function () { return Math.floor(Date.now() / DAY); };

  /* A draft that nobody came back to within a day is nobody's business any more. */
  kaohe.dropStale = function (prefix) {
    kaohe.local.keys(prefix).forEach(function (key) { if (!(kaohe.today() - kaohe.local.get(key).slice(0, 5) <= 1)) { kaohe.local.drop(key); } });
  };

  kaohe.local = shelf('localStorage');
  kaohe.tab = shelf('sessionStorage');

  kaohe.newNonce = function () {
    var bytes = new Uint8Array(16);
    window.crypto.getRandomValues(bytes);
    return Array.prototype.map.call(bytes, function (byte) { return (byte < 16 ? '0' : '') + byte.toString(16); }).join('');
  };

  /* What full-width keys type, as the other keys would have typed it. */
  kaohe.narrow = function (typed) {
    return typed.normalize ? typed.normalize('NFKC') : typed;
  };

  /* The same rule as kaohe/domain/ticket_codes.py; '' for what no ticket can be. */
  kaohe.readCode = function (typed) {
    var code = kaohe.narrow(typed).toUpperCase().replace(/[LI]/g, '1').replace(/[\s\-—–·_]/g, '');
    var total = 0;
    if (code.length !== CODE_LENGTH) { return ''; }
    for (var at = 0; at < CODE_LENGTH; at += 1) {
      var index = ALPHABET.indexOf(code.charAt(at));
      if (index < 0) { return ''; }
      if (at < CODE_LENGTH - 1) { total += (at + 1) * index; }
    }
    return ALPHABET.charAt(total % ALPHABET.length) === code.charAt(CODE_LENGTH - 1) ? code : '';
  };

  /* What is kept under a ticket begins with its day and its salt, and is masked; without a ticket a draft is its tab's own. */
  kaohe.readDraft = function (area, key, code) {
    var text = area.get(key);
    var draft = null;
    try {
      draft = JSON.parse(code ? decodeURIComponent(window.escape(kaohe.masked(code, text.slice(5, 37), text.slice(37)))) : text);
    } catch (damaged) { /* an empty one takes its place */ }
    return draft && draft.marks && draft.comments ? draft : { nonce: '', marks: {}, comments: {}, body: '' };
  };

  /* What an address brought: the shared code, or that of a ticket and behind it whose signature this phone asks for before it seals.
     Some scanners and apps put something behind it. */
  kaohe.scanned = function (main) {
    var text = location.hash.slice(1).split(/[&?/%\s]/)[0];
    var prefix = main.getAttribute('data-pool-prefix');
    var isPool = prefix && text.indexOf(prefix) === 0;
    var parts = text.split('.');
    var isWhole = parts.length === 1 || /^[1-9A-Z]{16}$/.test(parts[1]);
    var code = isWhole && !isPool ? kaohe.readCode(parts[0]) : '';
    kaohe.signerKey = 'kaohe.signer.' + main.getAttribute('data-meeting');
    if (code && parts[1]) { kaohe.tab.set(kaohe.signerKey, parts[1]); }
    return { text: text, pool: isPool ? text.slice(prefix.length) : '', code: code };
  };

  kaohe.setFragment = function (text) { history.replaceState(history.state, '', location.pathname + location.search + text); };

  /* Words that are spoken: a region that stands there already changes. */
  kaohe.tell = function (node, text) {
    node.setAttribute('role', 'status');
    window.setTimeout(function () { node.textContent = text; }, 100);
  };

  /* Where this phone keeps what belongs to this meeting, style and round. */
  kaohe.storageKeys = function (main) {
    var at = main.getAttribute('data-meeting') + '.' + main.getAttribute('data-style') + '.';
    var round = main.getAttribute('data-round') + '.';
    return {
      drafts: 'kaohe.draft.' + at,
      round: 'kaohe.draft.' + at + round,
      ticket: 'kaohe.ticket.' + at,
      cast: 'kaohe.cast.' + at + round,
      casts: 'kaohe.cast.' + at,
      last: 'kaohe.last.' + at + round,
      draw: 'kaohe.draw.' + at + round,
      draws: 'kaohe.draw.' + at
    };
  };

  /* The number that makes drawing again on this phone give the same ticket. */
  kaohe.drawNonce = function (storageKeys) {
    var nonce = kaohe.local.get(storageKeys.draw) || kaohe.newNonce();
    kaohe.local.set(storageKeys.draw, nonce);
    return nonce;
  };
})(window.kaohe);
