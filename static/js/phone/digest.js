/* SHA-256 of a text, one byte a character. Over plain HTTP a browser has none of its own; with it a ticket is known again, not read. */
(function (kaohe) {
  'use strict';

  var WORD = Math.pow(2, 32);
  var ROUNDS = [];
  var START = [];

  (function () {
    for (var number = 2; ROUNDS.length < 64; number += 1) {
      var isPrime = true;
      for (var by = 2; by * by <= number; by += 1) { isPrime = isPrime && number % by !== 0; }
      if (!isPrime) { continue; }
      if (START.length < 8) { START.push(Math.pow(number, 1 / 2) * WORD | 0); }
      ROUNDS.push(Math.pow(number, 1 / 3) * WORD | 0);
    }
  })();

  function turn(word, by) { return word >>> by | word << 32 - by; }

  function stir(state, words) {
    var next = state.slice();
    for (var at = 0; at < 64; at += 1) {
      if (at > 15) {
        var early = words[at - 15];
        var late = words[at - 2];
        words[at] = (turn(early, 7) ^ turn(early, 18) ^ early >>> 3) + (turn(late, 17) ^ turn(late, 19) ^ late >>> 10) + words[at - 16] + words[at - 7] | 0;
      }
      var head = next[0];
      var mid = next[4];
      var first = next[7] + (turn(mid, 6) ^ turn(mid, 11) ^ turn(mid, 25)) + (mid & next[5] ^ ~mid & next[6]) + ROUNDS[at] + words[at] | 0;
      var second = (turn(head, 2) ^ turn(head, 13) ^ turn(head, 22)) + (head & next[1] ^ head & next[2] ^ next[1] & next[2]) | 0;
      next.pop();
      next.unshift(first + second | 0);
      next[4] = next[4] + first | 0;
    }
    return state.map(function (word, at) { return word + next[at] | 0; });
  }

  kaohe.digest = function (text) {
    var state = START;
    var blocks = (text.length + 9 + 63 >> 6);
    function byteAt(at) {
      if (at < text.length) { return text.charCodeAt(at); }
      return at === text.length ? 128 : 0;
    }
    for (var block = 0; block < blocks; block += 1) {
      var words = [];
      for (var at = 0; at < 16; at += 1) {
        var from = block * 64 + at * 4;
        words.push(byteAt(from) << 24 | byteAt(from + 1) << 16 | byteAt(from + 2) << 8 | byteAt(from + 3));
      }
      if (block === blocks - 1) { words[15] = text.length * 8; }
      state = stir(state, words);
    }
    return state.map(function (word) { return ('0000000' + (word >>> 0).toString(16)).slice(-8); }).join('');
  };

  /* Write over a text with a stream that only who has the ticket's code can make; the same once more takes it off. */
  kaohe.masked = function (code, salt, text) {
    var made = '';
    var stream = '';
    for (var at = 0; at < text.length; at += 1) {
      if (at % 32 === 0) { stream = kaohe.digest(code + salt + at); }
      made += String.fromCharCode(text.charCodeAt(at) ^ parseInt(stream.substr(at % 32 * 2, 2), 16));
    }
    return made;
  };
})(window.kaohe);
