import { scalarMult, scalarMultBase } from '@stablelib/x25519';
import { ChaCha20Poly1305 } from '@stablelib/chacha20poly1305';
import { verify } from '@stablelib/ed25519';
window.kaohePrimitives = {
  scalarMult: scalarMult,
  scalarMultBase: scalarMultBase,
  isSigned: verify,
  seal: function (key, nonce, plain, beside) { return new ChaCha20Poly1305(key).seal(nonce, plain, beside); }
};
