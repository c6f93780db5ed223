/* Seals a ballot on this phone, so that neither the network nor the server sees a choice; kaohe/domain/sealing.py opens it. */
(function (kaohe) {
  'use strict';

  var box = kaohe.box;
  var form = JSON.parse(box.form);
  var formDigest = '';
  var isProven = null;
  var HPKE_X25519 = 1;

  /* One way of sealing for each number of a suite. */
  var SUITES = {};
  SUITES[HPKE_X25519] = function (info, plain) {
    var secret = new Uint8Array(32);
    window.crypto.getRandomValues(secret);
    return kaohe.hpke(kaohe.bytesIn(box.publicKey), secret, info, plain);
  };

  /* The published example, once, and everything that is worked out once: before the first tap that needs it. */
  kaohe.proveSeal = function () {
    if (isProven === null) {
      isProven = false;
      try {
        formDigest = kaohe.digest(box.form);
        isProven = Boolean(SUITES[box.suite]) && kaohe.sealsAsPublished();
      } catch (broken) { /* this phone does not seal */ }
    }
    return isProven;
  };

  function base64(bytes) {
    return window.btoa(kaohe.textOf(bytes)).replace(/\+/g, '-').replace(/\//g, '_').replace(/=/g, '');
  }

  /* The first twelve digits of a number to the base of the alphabet, the lowest first. */
  function receiptOf(digest) {
    var number = Array.prototype.slice.call(digest);
    var code = '';
    for (var count = 0; count < 12; count += 1) {
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
      receipt: receiptOf(kaohe.hash([kaohe.bytesOf('kaohe envelope|'), kaohe.bytesIn(tag), envelope]))
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
    var sealed = kaohe.seal(pairs, draft.nonce);
    draft.body = sealed ? head + sealed.body : '';
    draft.receipt = sealed ? sealed.receipt : '';
  };

  /* For the server to seal: one length for every ballot of the form, so that its size on the wire tells nothing. */
  function padded(pairs) {
    var text = pairs.map(function (pair) { return '&' + pair[0] + '=' + encodeURIComponent(pair[1]); }).join('');
    return text + '&pad=' + new Array(Math.max(0, box.unsealed - text.length) + 1).join('x');
  }

  /* In idle time, and told at once where this phone cannot. */
  window.setTimeout(function () {
    var actions = kaohe.byId('actions');
    if (!kaohe.proveSeal() && actions) {
      actions.parentNode.insertBefore(kaohe.element('p', 'hint unsealed', '这部手机的浏览器不能自行封票，您的票由服务器封装。'), actions);
    }
  }, 0);
})(window.kaohe);
