// esbuild joins the modules and leaves out what nobody calls, TypeScript lowers them to ES5, terser shortens them.
import { writeFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import { minify } from 'terser';
import ts from 'typescript';

const NOTICE = '/*! @stablelib/x25519, ed25519, chacha20poly1305 2.0.1, MIT licence, Copyright (C) 2016 Dmitry Chestnykh */\n';

const joined = buildSync({
  entryPoints: ['entry.mjs'],
  bundle: true,
  format: 'esm',
  target: 'esnext',
  // The phone takes its randomness from crypto.getRandomValues itself, and has no use for another source. The package for
  // SHA-512 is 2.7 KB on the way to a phone, ours 1 KB.
  alias: { '@stablelib/random': './no-random.mjs', '@stablelib/sha512': './sha512.mjs' },
  legalComments: 'none',
  write: false
}).outputFiles[0].text;

// The product of two field elements stands unrolled in both curves: 1.2 KB on the way to a phone that multiplies for a
// hundredth of a second. Rolled up: the sums of the columns, where what is beyond 2^256 counts 38 times.
let rolled = 0;
const rolledUp = `var wide = new Float64Array(32), product = new Float64Array(16);
${joined.replace(/^function mul(\d*)\(o, a, b\) \{$[^]*?^\}$/gm, (whole, number) => {
  rolled += 1;
  return `function mul${number}(o, a, b) {
    for (var at = 0; at < 16; at++) {
      wide[at + 16] = b[at];
      wide[at] = 38 * b[at];
    }
    for (var column = 0; column < 16; column++) {
      var sum = 0;
      for (var by = 0; by < 16; by++) sum += a[by] * wide[column - by + 16];
      product[column] = sum;
    }
    for (var limb = 0; limb < 16; limb++) o[limb] = product[limb];
    car25519${number}(o);
    car25519${number}(o);
  }`;
})}`;
if (rolled !== 2) throw new Error(`${rolled} products found instead of two`);

const lowered = ts.transpileModule(rolledUp, {
  compilerOptions: { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.None, useDefineForClassFields: false, removeComments: true }
}).outputText;
const short = await minify(`(function(){${lowered}})();`, {
  ecma: 5,
  compress: { passes: 3, pure_getters: true },
  mangle: { toplevel: true, properties: { regex: /^_/ } },
  format: { comments: false }
});
writeFileSync('../../static/vendor/stablelib-2.0.1.phone.js', NOTICE + short.code + '\n');
