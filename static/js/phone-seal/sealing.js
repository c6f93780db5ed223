/* Seals a ballot on this phone, so that neither the network nor the server sees a choice; kaohe/domain/sealing.py opens it. */
(function (kaohe) {
  'use strict';

  var box = kaohe.box;
  var form = JSON.parse(box.form);
  var formDigest = '';
  var isProven = null;
  var TEST_KEY = 'd75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a';
  var TEST_SIGNATURE = 'e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b';
  var HPKE_X25519 = 1;

  /* One way of sealing for each number of a suite. */
  var SUITES = {};
  SUITES[HPKE_X25519] = function (info, plain) {
    var secret = new Uint8Array(32);
    window.crypto.getRandomValues(secret);
    return kaohe.hpke(kaohe.bytesIn(box.publicKey), secret, info, plain);
  };

  function isSigned(key, text, signature) {
    return window.kaohePrimitives.isSigned(kaohe.bytesIn(key), kaohe.bytesOf(text), kaohe.bytesIn(signature));
  }

  /* The published examples (of signatures RFC 8032, 7.1, the first), once, and everything that is worked out once: before the first tap that needs it. */
  kaohe.proveSeal = function () {
    if (isProven === null) {
      isProven = false;
      try {
        formDigest = kaohe.digest(box.form);
        isProven = Boolean(SUITES[box.suite]) && kaohe.sealsAsPublished() && isSigned(TEST_KEY, '', TEST_SIGNATURE);
      } catch (broken) { /* this phone does not seal */ }
    }
    return isProven;
  };

  function base64(bytes) {
    return window.btoa(kaohe.textOf(bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
  }

  /* The first digits of a number to the base of the alphabet, the lowest first, in groups of four. */
  function lettersOf(digest, length) {
    var number = Array.prototype.slice.call(digest);
    var code = '';
    for (var count = 0; count < length; count += 1) {
      var rest = 0;
      for (var at = 0; at < number.length; at += 1) {
        rest = rest * 256 + number[at];
        number[at] = Math.floor(rest / kaohe.ALPHABET.length);
        rest %= kaohe.ALPHABET.length;
      }
      code += (count && count % 4 === 0 ? '-' : '') + kaohe.ALPHABET.charAt(rest);
    }
    return code;
  }

  function digestOfKey(key) { return kaohe.hash([kaohe.bytesOf('kaohe key|'), kaohe.bytesIn(key)]); }

  /* Why this page's key is not to be sealed to: '' where the slip's own meeting has signed it. */
  function faultOf() {
    var printed = kaohe.tab.get(kaohe.signerKey);
    var signer = lettersOf(digestOfKey(box.signer), 16).replace(/-/g, '');
    if (!isSigned(box.signer, 'kaohe round key|' + box.round + '|' + box.publicKey, box.signature)) {
      return '这个页面的封票钥匙没有本场会议的签名，不能提交。请不要再填，告诉工作人员。';
    }
    return !printed || printed === signer ? '' : '这个页面的会议印记与票上印的不一致，不能提交。请不要再填，告诉工作人员。';
  }

  /* What is posted beside ticket and round, and the receipt that the server has to give for it; null where the ballot is not a whole and faultless one. */
  kaohe.seal = function (pairs, nonce) {
    var plain = kaohe.encodeBallot(form, pairs);
    if (!plain || !kaohe.saysTheSame(form, plain, pairs)) { return null; }
    var tag = kaohe.digest('kaohe receipt|' + box.round + '|' + nonce).slice(0, 32);
    var info = ['kaohe ballot', box.round, box.formKey, formDigest, box.key, tag].join('|');
    var sealed = SUITES[box.suite](kaohe.bytesOf(info), plain);
    if (!sealed) { return null; }
    var envelope = kaohe.joined([new Uint8Array([box.suite]), sealed]);
    return {
      body: '&form=' + formDigest + '&key=' + box.key + '&tag=' + tag
        + '&retry=' + kaohe.digest('kaohe retry|' + box.round + '|' + nonce) + '&box=' + base64(envelope),
      receipt: lettersOf(kaohe.hash([kaohe.bytesOf('kaohe envelope|'), kaohe.bytesIn(tag), envelope]), 12)
    };
  };

  /* Every pair that a page holds, whether something was put there or not. */
  function pairsOf(ballot) {
    var pairs = [];
    ballot.subjects.forEach(function (subject) {
      var isOut = ballot.isLeftOut(subject);
      var comment = 'c.' + subject.section.id;
      if (isOut) { pairs.push([subject.leave.name, subject.leave.value]); }
      subject.items.forEach(function (item) {
        var mark = isOut ? '' : ballot.markOf(item);
        if (mark) { pairs.push([item.field, mark]); }
      });
      if (ballot.draft.comments[comment] && !isOut) {
        pairs.push([comment, kaohe.cleanComment(ballot.draft.comments[comment])]);
      }
    });
    return pairs;
  }

  /* Put what is to be sent into the draft; nothing where the ballot cannot be cast as it is. */
  kaohe.writeBody = function (ballot) {
    var draft = ballot.draft;
    var pairs = pairsOf(ballot);
    var head = 'ticket=' + ballot.ticket + '&round=' + encodeURIComponent(ballot.form.elements.round.value);
    if (!kaohe.proveSeal()) { draft.body = head + '&nonce=' + draft.nonce + padded(pairs); return; }
    kaohe.refusal = faultOf();
    var sealed = kaohe.refusal ? null : kaohe.seal(pairs, draft.nonce);
    draft.body = sealed ? head + sealed.body : '';
    draft.receipt = sealed ? sealed.receipt : '';
  };

  /* For the server to seal: one length for every ballot of the form, so that its size on the wire tells nothing. */
  function padded(pairs) {
    var text = pairs.map(function (pair) { return '&' + pair[0] + '=' + encodeURIComponent(pair[1]); }).join('');
    return text + '&pad=' + new Array(Math.max(0, box.unsealed - text.length) + 1).join('x');
  }

  function drawn(parent, tag, attributes) {
    var node = document.createElementNS('http://www.w3.org/2000/svg', tag);
    Object.keys(attributes).forEach(function (name) { node.setAttribute(name, attributes[name]); });
    return parent.appendChild(node);
  }

  /* A key for people to compare: its fingerprint, and a picture whose right half mirrors the left one. */
  function shownKey(label, key) {
    var digest = digestOfKey(key);
    var line = kaohe.element('p', 'hint');
    var path = '';
    for (var at = 0; at < 49; at += 1) {
      var column = at % 7;
      if (digest[(at - column) / 7] >> Math.min(column, 6 - column) & 1) { path += 'M' + column + ' ' + (at - column) / 7 + 'h1v1h-1z'; }
    }
    var picture = drawn(line, 'svg', { width: 28, height: 28, viewBox: '0 0 7 7', 'aria-hidden': true });
    drawn(picture, 'path', { d: path });
    line.appendChild(document.createTextNode(' ' + label + ' '));
    line.appendChild(kaohe.element('b', '', lettersOf(digest, 16)));
    return line;
  }

  function shownKeys() {
    var part = kaohe.element('details', 'keys');
    part.appendChild(kaohe.element('summary', '', '封票钥匙'));
    part.appendChild(shownKey('会议印记', box.signer));
    part.appendChild(shownKey('本轮票箱', box.publicKey));
    part.appendChild(kaohe.element('p', 'hint', '会议印记应与票上、大屏幕上的一致，本轮票箱应与大屏幕上的一致。'));
    return part;
  }

  /* In idle time; whether this phone seals is told at once, and nothing that is being filled in moves. */
  window.setTimeout(function () {
    var actions = kaohe.byId('actions');
    if (!actions) { return; }
    var fault = kaohe.proveSeal() ? faultOf() : '这部手机的浏览器不能自行封票，您的票由服务器封装。封装时选择经过服务器的内存，实测 100 张中有 5 张会留存到投票结束。';
    if (fault) { actions.parentNode.insertBefore(kaohe.element('p', isProven ? 'message bad' : 'hint unsealed', fault), actions); }
    kaohe.byId('ballot').appendChild(shownKeys());
  }, 0);
})(window.kaohe);
