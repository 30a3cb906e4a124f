// Bundles the page: one script and one style sheet, with all that they need. Part of `npm run build`.
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

/** @param {string} folder gets board.js and board.css */
export async function buildPage(folder) {
  await build({
    absWorkingDir: fileURLToPath(new URL('.', import.meta.url)),
    entryPoints: { board: 'main.tsx' },
    outdir: folder,
    bundle: true,
    minify: true,
    format: 'esm',
    target: ['chrome110', 'firefox110', 'safari16'],
    jsx: 'automatic',
    jsxImportSource: 'preact',
    legalComments: 'none',
    logLevel: 'warning',
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await buildPage(fileURLToPath(new URL('../../../dist/board/page', import.meta.url)));
}
