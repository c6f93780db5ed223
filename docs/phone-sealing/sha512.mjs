// SHA-512 (FIPS 180-4), which a phone needs for one signature only: a fifth of what a library's takes on the way to it.
var WORD = 4294967296;
var rounds = [];
var start = [];

// The first 64 bits behind the point of a root of a small prime, found bit by bit in limbs of sixteen bits, the lowest first.
function rootOf(prime, power) {
  var found = [0, 0, 0, 0, 0];
  for (var bit = 66; bit >= 0; bit -= 1) {
    var product = [1];
    found[bit >> 4] ^= 1 << (bit & 15);
    for (var time = 0; time < power; time += 1) {
      var next = [0, 0, 0, 0, 0];
      product.forEach(function (limb, at) {
        for (var by = 0; by < 5; by += 1) { next[at + by] = (next[at + by] || 0) + limb * found[by]; }
      });
      for (var at = 0; at < next.length - 1; at += 1) {
        next[at + 1] += Math.floor(next[at] / 65536);
        next[at] &= 65535;
      }
      product = next;
    }
    if (product[4 * power] + 65536 * (product[4 * power + 1] || 0) >= prime) { found[bit >> 4] ^= 1 << (bit & 15); }
  }
  return [found[3] << 16 | found[2], found[1] << 16 | found[0]];
}

function prepare() {
  for (var number = 2; rounds.length < 80; number += 1) {
    var isPrime = true;
    for (var by = 2; by * by <= number; by += 1) { isPrime = isPrime && number % by !== 0; }
    if (isPrime && start.length < 8) { start.push(rootOf(number, 2)); }
    if (isPrime) { rounds.push(rootOf(number, 3)); }
  }
}

// A word is its upper and its lower half.
function sum(words) {
  var high = 0;
  var low = 0;
  words.forEach(function (word) {
    high += word[0];
    low += word[1] >>> 0;
  });
  return [high + Math.floor(low / WORD) | 0, low | 0];
}

// The word turned right by each of some numbers of bits, and shifted by the last one if it is below zero; all of it xored.
function mixed(word, turns) {
  var out = [0, 0];
  turns.forEach(function (turn) {
    var bits = Math.abs(turn);
    var isFar = bits >> 5;
    var high = word[isFar];
    var low = word[1 - isFar];
    bits &= 31;
    out[0] ^= high >>> bits | (turn > 0 && low << 32 - bits);
    out[1] ^= low >>> bits | high << 32 - bits;
  });
  return out;
}

function chosen(pick) { return [pick(0), pick(1)]; }

function digestOf(bytes) {
  var text = new Uint8Array(bytes.length + 144 & -128);
  var view = new DataView(text.buffer);
  var out = new Uint8Array(64);
  if (!rounds.length) { prepare(); }
  var state = start;
  text.set(bytes);
  text[bytes.length] = 128;
  view.setUint32(text.length - 4, bytes.length * 8);
  for (var block = 0; block < text.length; block += 128) {
    var words = [];
    var s = state;
    for (var at = 0; at < 80; at += 1) {
      words.push(at < 16
        ? [view.getInt32(block + 8 * at), view.getInt32(block + 8 * at + 4)]
        : sum([mixed(words[at - 2], [19, 61, -6]), words[at - 7], mixed(words[at - 15], [1, 8, -7]), words[at - 16]]));
      var first = sum([
        s[7], mixed(s[4], [14, 18, 41]), rounds[at], words[at],
        chosen(function (half) { return s[4][half] & s[5][half] ^ ~s[4][half] & s[6][half]; })
      ]);
      var second = sum([
        mixed(s[0], [28, 34, 39]),
        chosen(function (half) { return s[0][half] & s[1][half] ^ s[0][half] & s[2][half] ^ s[1][half] & s[2][half]; })
      ]);
      s = [sum([first, second]), s[0], s[1], s[2], sum([s[3], first]), s[4], s[5], s[6]];
    }
    state = state.map(function (word, at) { return sum([word, s[at]]); });
  }
  state.forEach(function (word, at) {
    new DataView(out.buffer).setInt32(8 * at, word[0]);
    new DataView(out.buffer).setInt32(8 * at + 4, word[1]);
  });
  return out;
}

export function SHA512() { this.bytes = []; }
SHA512.prototype.update = function (more) {
  this.bytes = this.bytes.concat(Array.prototype.slice.call(more));
  return this;
};
SHA512.prototype.digest = function () { return digestOf(this.bytes); };
export function hash(bytes) { return digestOf(bytes); }
