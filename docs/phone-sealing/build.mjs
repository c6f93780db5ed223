// esbuild joins the modules and leaves out what nobody calls, TypeScript lowers them to ES5, terser shortens them.
import { writeFileSync } from 'node:fs';
import { buildSync } from 'esbuild';
import { minify } from 'terser';
import ts from 'typescript';

const NOTICE = '/*! @stablelib/x25519, @stablelib/chacha20poly1305 2.0.1, MIT licence, Copyright (C) 2016 Dmitry Chestnykh */\n';

const joined = buildSync({
  entryPoints: ['entry.mjs'],
  bundle: true,
  format: 'esm',
  target: 'esnext',
  // The phone takes its randomness from crypto.getRandomValues itself, and has no use for another source.
  alias: { '@stablelib/random': './no-random.mjs' },
  legalComments: 'none',
  write: false
}).outputFiles[0].text;
const lowered = ts.transpileModule(joined, {
  compilerOptions: { target: ts.ScriptTarget.ES5, module: ts.ModuleKind.None, useDefineForClassFields: false, removeComments: true }
}).outputText;
const short = await minify(`(function(){${lowered}})();`, {
  ecma: 5,
  compress: { passes: 3, pure_getters: true },
  mangle: { toplevel: true, properties: { regex: /^_/ } },
  format: { comments: false }
});
writeFileSync('../../static/vendor/stablelib-2.0.1.phone.js', NOTICE + short.code + '\n');
