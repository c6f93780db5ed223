/* HPKE base mode (RFC 9180) for one message: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. */
(function (kaohe) {
  'use strict';

  var primitives = window.kaohePrimitives;
  var BLOCK = 64;
  var KEM = bytesOf('KEM\x00\x20');
  var WHOLE = bytesOf('HPKE\x00\x20\x00\x01\x00\x03');
  var VERSION = bytesOf('HPKE-v1');
  var NOTHING = new Uint8Array(0);

  /* The bytes of a text of ASCII. */
  function bytesOf(text) {
    var bytes = new Uint8Array(text.length);
    for (var at = 0; at < text.length; at += 1) { bytes[at] = text.charCodeAt(at); }
    return bytes;
  }

  function joined(parts) {
    var length = 0;
    parts.forEach(function (part) { length += part.length; });
    var whole = new Uint8Array(length);
    length = 0;
    parts.forEach(function (part) { whole.set(part, length); length += part.length; });
    return whole;
  }

  /* HMAC-SHA256; no key here is longer than a block. */
  function hmac(key, text) {
    function padded(by) {
      var block = new Uint8Array(BLOCK);
      for (var at = 0; at < BLOCK; at += 1) { block[at] = (at < key.length ? key[at] : 0) ^ by; }
      return block;
    }
    return kaohe.hash([padded(0x5c), kaohe.hash([padded(0x36), text])]);
  }

  function extract(suite, salt, label, secret) {
    return hmac(salt, joined([VERSION, suite, bytesOf(label), secret]));
  }

  /* At most the 32 bytes of one block of HKDF. */
  function expand(suite, secret, label, context, length) {
    var text = joined([new Uint8Array([0, length]), VERSION, suite, bytesOf(label), context, new Uint8Array([1])]);
    return hmac(secret, text).subarray(0, length);
  }

  /* The sealed message, the ephemeral public half before it; null where the key is none. `secret` seals one message and no other. */
  kaohe.hpke = function (publicKey, secret, info, plain, beside) {
    var shared = primitives.scalarMult(secret, publicKey);
    var ephemeral = primitives.scalarMultBase(secret);
    if (Array.prototype.every.call(shared, function (byte) { return byte === 0; })) { return null; }
    shared = expand(KEM, extract(KEM, NOTHING, 'eae_prk', shared), 'shared_secret', joined([ephemeral, publicKey]), 32);
    var context = joined([new Uint8Array(1), extract(WHOLE, NOTHING, 'psk_id_hash', NOTHING), extract(WHOLE, NOTHING, 'info_hash', info)]);
    shared = extract(WHOLE, shared, 'secret', NOTHING);
    var key = expand(WHOLE, shared, 'key', context, 32);
    var nonce = expand(WHOLE, shared, 'base_nonce', context, 12);
    return joined([ephemeral, primitives.seal(key, nonce, plain, beside)]);
  };

  /* SHA-256 of some bytes, as bytes. */
  kaohe.hash = function (parts) {
    return kaohe.bytesIn(kaohe.digest(parts.map(kaohe.textOf).join('')));
  };

  /* A text with one character for each byte. */
  kaohe.textOf = function (bytes) {
    return Array.prototype.map.call(bytes, function (byte) { return String.fromCharCode(byte); }).join('');
  };

  kaohe.bytesOf = bytesOf;
  kaohe.joined = joined;

  kaohe.bytesIn = function (hex) {
    return new Uint8Array((hex.match(/../g) || []).map(function (pair) { return parseInt(pair, 16); }));
  };

  /* RFC 9180, A.2.1, the first encryption: whether what is sealed here has the digest of what is published there. */
  kaohe.sealsAsPublished = function () {
    var sealed = kaohe.hpke(
      kaohe.bytesIn('4310ee97d88cc1f088a5576c77ab0cf5c3ac797f3d95139c6c84b5429c59662a'),
      kaohe.bytesIn('f4ec9b33b792c372c1d2c2063507b684ef925b8c75a42dbcbf57d63ccd381600'),
      bytesOf('Ode on a Grecian Urn'),
      bytesOf('Beauty is truth, truth beauty'),
      bytesOf('Count-0')
    );
    return kaohe.digest(kaohe.textOf(sealed)).indexOf('c63a74822aeb3e36f91f3a3ec0fb9267') === 0;
  };
})(window.kaohe);
