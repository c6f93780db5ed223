/* The encoding of a ballot as kaohe/domain/ballots writes it, judged as strictly: one set of cases drives both. */
(function (kaohe) {
  'use strict';

  var FORMAT = 1;
  var HEADER = 5;
  var LEFT_OUT = 'not_asked';
  var ABSTAIN = 'abstain';
  var WRITTEN = /^(-?)(\d{1,7})(?:\.(\d{1,6}))?$/;
  /* JavaScript's own blanks, and those that only Python takes for blank. */
  var BLANK = /[\s\x1c-\x1f\x85]+/g;
  /* Controls, marks that cannot be seen, and what is nobody's; the count drops whatever else of that kind there is. */
  var UNSEEN = /[\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u202a-\u202e\u2060-\u206f\ue000-\uf8ff]/g;
  var LONE = /[\ud800-\udbff](?![\udc00-\udfff])|(^|[^\ud800-\udbff])[\udc00-\udfff]/g;

  function has(object, name) { return Object.prototype.hasOwnProperty.call(object, name); }

  function stripped(text) { return text.replace(BLANK, ' ').replace(/^\x20|\x20$/g, ''); }

  /* A typed number in millionths; null where it is none. */
  function millionths(typed) {
    var text = typed.replace(/[\uff10-\uff19]/g, function (digit) { return String.fromCharCode(digit.charCodeAt(0) - 0xfee0); });
    var found = WRITTEN.exec(stripped(text).replace(/[\uff0e\u3002]/g, '.').replace(/\uff0d/g, '-'));
    if (!found) { return null; }
    var number = Number(found[2] + ((found[3] || '') + '000000').slice(0, 6));
    return found[1] ? -number : number;
  }

  function numberText(units, per) {
    var whole = Math.round(units / per);
    var digits = String(Math.abs(whole));
    while (digits.length < 7) { digits = '0' + digits; }
    return (whole < 0 ? '-' : '') + digits.slice(0, -6) + ('.' + digits.slice(-6)).replace(/\.?0+$/, '');
  }

  /* The code of a mark in a cell of a kind; -1 where the cell cannot hold it. */
  function codeOf(kind, mark) {
    if (kind.abstain && mark === ABSTAIN) { return Math.pow(256, kind.width) - 2; }
    if (!kind.scale) { return kind.marks.indexOf(mark); }
    var number = millionths(mark);
    var units = number === null ? null : number * kind.scale.per;
    if (units === null || units < kind.scale.low || units > kind.scale.high || (units - kind.scale.low) % kind.scale.step) { return -1; }
    return (units - kind.scale.low) / kind.scale.step;
  }

  kaohe.cleanComment = function (text) {
    var whole = stripped(text.normalize ? text.normalize('NFC') : text);
    return whole.replace(UNSEEN, '').replace(LONE, '$1');
  };

  function utf8(text) { return kaohe.bytesOf(unescape(encodeURIComponent(text))); }

  /* The bytes of a whole, faultless ballot; null for one that the server would refuse. */
  kaohe.encodeBallot = function (form, pairs) {
    var given = {};
    var out = {};
    var codes = [];
    var isRefused = false;
    function take(name) {
      var value = has(given, name) ? given[name] : '';
      delete given[name];
      return value;
    }
    function refuseIf(isWrong) { isRefused = isRefused || isWrong; }
    pairs.forEach(function (pair) {
      refuseIf(has(given, pair[0]));
      given[pair[0]] = pair[1];
    });
    form.out.forEach(function (line) {
      var value = take(line[0]);
      out[line[1]] = value === LEFT_OUT;
      refuseIf(value && value !== LEFT_OUT);
    });
    form.cells.forEach(function (cell) {
      var kind = form.kinds[cell[1]];
      var mark = take(cell[0]) || (kind.picked ? kind.marks[kind.marks.length - 1] : '');
      var open = Math.pow(256, kind.width) - 1;
      var code = open;
      if (out[cell[2]]) {
        refuseIf(mark);
        code = kind.answer ? open : open - 2;
      } else if (mark) {
        code = codeOf(kind, mark);
        refuseIf(code < 0);
      } else {
        refuseIf(!kind.answer);
      }
      codes.push(code);
    });
    var comments = commentsOf(form, take, refuseIf);
    refuseIf(Object.keys(given).length);
    form.limits.forEach(function (limit) {
      limit.cells.forEach(function (cells) {
        var top = cells.filter(function (at) { return codes[at] === 0; }).length;
        refuseIf(top > limit.most || top < limit.fewest);
      });
    });
    return isRefused ? null : written(form, codes, comments);
  };

  function commentsOf(form, take, refuseIf) {
    var parts = [];
    form.comments.forEach(function (line) {
      var text = kaohe.cleanComment(take(line[0]));
      var length = text.replace(/[\ud800-\udbff][\udc00-\udfff]/g, '_').length;
      refuseIf(length > form.commentLength);
      if (text) { parts.push(JSON.stringify(line[1]) + ':' + JSON.stringify(text)); }
    });
    var bytes = utf8('{' + parts.join(',') + '}');
    refuseIf(bytes.length > form.commentBytes);
    return parts.length ? bytes : new Uint8Array(0);
  }

  function written(form, codes, comments) {
    var plain = new Uint8Array(form.length);
    var at = HEADER;
    codes.forEach(function (code, index) {
      for (var place = form.kinds[form.cells[index][1]].width - 1; place >= 0; place -= 1) {
        plain[at] = Math.floor(code / Math.pow(256, place)) % 256;
        at += 1;
      }
    });
    plain.set([FORMAT, at - HEADER >> 8, at - HEADER & 255, comments.length >> 8, comments.length & 255]);
    plain.set(comments, at);
    return plain;
  }

  /* The pairs that an encoded ballot holds, read without anything that wrote it. */
  kaohe.decodeBallot = function (form, plain) {
    var at = HEADER;
    var out = {};
    var pairs = [];
    form.cells.forEach(function (cell) {
      var kind = form.kinds[cell[1]];
      var top = Math.pow(256, kind.width);
      var code = 0;
      for (var place = 0; place < kind.width; place += 1) { code = code * 256 + plain[at + place]; }
      at += kind.width;
      if (code === top - 3) {
        out[cell[2]] = true;
      } else if (code === top - 2) {
        pairs.push([cell[0], ABSTAIN]);
      } else if (code !== top - 1) {
        pairs.push([cell[0], kind.scale ? numberText(kind.scale.low + code * kind.scale.step, kind.scale.per) : kind.marks[code]]);
      }
    });
    form.out.forEach(function (line) { if (out[line[1]]) { pairs.push([line[0], LEFT_OUT]); } });
    var length = plain[3] * 256 + plain[4];
    var comments = length ? JSON.parse(decodeURIComponent(escape(kaohe.textOf(plain.subarray(at, at + length))))) : {};
    form.comments.forEach(function (line) { if (has(comments, line[1])) { pairs.push([line[0], comments[line[1]]]); } });
    return pairs;
  };

  /* Whether what was encoded says what was put in: the same fields, and each means what was put there. */
  kaohe.saysTheSame = function (form, plain, pairs) {
    var wanted = {};
    var kinds = {};
    var isSame = true;
    form.cells.forEach(function (cell) {
      var kind = kinds[cell[0]] = form.kinds[cell[1]];
      if (kind.picked) { wanted[cell[0]] = kind.marks[kind.marks.length - 1]; }
    });
    pairs.forEach(function (pair) {
      if (pair[1] && pair[0].indexOf('c.') === 0) { wanted[pair[0]] = kaohe.cleanComment(pair[1]); } else if (pair[1]) { wanted[pair[0]] = pair[1]; }
    });
    kaohe.decodeBallot(form, plain).forEach(function (pair) {
      var kind = kinds[pair[0]];
      var said = wanted[pair[0]];
      isSame = isSame && (said === pair[1] || Boolean(kind && kind.scale && said && millionths(said) === millionths(pair[1])));
      delete wanted[pair[0]];
    });
    return isSame && Object.keys(wanted).every(function (name) { return !wanted[name]; });
  };
})(window.kaohe);
