// Bundles the package into dist: an entry for each file that somebody loads by its name, and what they share in chunks. A
// process loads a dozen files instead of hundreds, each of which Playwright's loader asks another thread about. Part of
// `npm run build`; the dependencies stay outside.
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const source = fileURLToPath(new URL('.', import.meta.url));
const target = fileURLToPath(new URL('../dist/', import.meta.url));

/** What `exports` and `bin` name, what Playwright is given, the programs of processes of ours; and what a test loads. */
const ENTRIES = [
  'index.ts',
  'cli/main.ts',
  'playwright/runner/global-setup.ts',
  'playwright/runner/global-teardown.ts',
  'playwright/runner/reporter.ts',
  'playwright/runner/state.ts',
  'cleanup/reaper-main.ts',
  'locks/lock-service-main.ts',
  'locks/locks.ts',
  'relay/relay-main.ts',
];

/** Stands for the way from a file of the bundle to dist. */
const ROOT = '@dist@';

/** A module that looks for files beside its own finds them where it would lie in dist, whichever chunk it is in. */
const ownURLs = {
  name: 'own URLs',
  setup: ({ onLoad }) =>
    onLoad({ filter: /\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      const own = `${ROOT}/${relative(source, path).replaceAll(sep, '/').replace(/\.ts$/, '.js')}`;
      return {
        contents: text.replaceAll('import.meta.url', `new URL(${JSON.stringify(own)}, import.meta.url).href`),
        loader: 'ts',
      };
    }),
};

const shared = {
  absWorkingDir: source,
  outdir: target,
  outbase: source,
  bundle: true,
  packages: 'external',
  platform: 'node',
  target: 'node20.19',
  logLevel: 'warning',
  legalComments: 'none',
  // Joins literals that are spread into others, `{ ...{ a, b }, c }`: V8 makes these a thousand times slower than one literal.
  minifySyntax: true,
};

const { outputFiles } = await build({
  ...shared,
  entryPoints: ENTRIES,
  format: 'esm',
  splitting: true,
  chunkNames: 'chunks/[name]-[hash]',
  plugins: [ownURLs],
  write: false,
});
await build({
  ...shared,
  entryPoints: ['process/record-reads.cts'],
  format: 'cjs',
  outExtension: { '.js': '.cjs' },
});
for (const { path, text } of outputFiles) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, text.replaceAll(ROOT, relative(dirname(path), target) || '.'));
}
