// The packed package: what is in it, that every public path loads by import and by require, and that its types resolve.
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { execa } from 'execa';
import { consumerEnv } from './harness/env.ts';
import { root } from './harness/home.ts';
import { expect, test } from './harness/test.ts';

const paths = ['', '/reporter', '/global-setup', '/global-teardown', '/package.json'];

test('every export loads by import and by require, without a warning', async ({ home }) => {
  const script = (load: (specifier: string) => string) => `
    const loaded = [${paths.map((sub) => load(`playwright-stacks${sub}`)).join(', ')}];
    Promise.all(loaded).then(([index]) => console.log(Object.keys(index).sort().join(' ')));`;
  const environment = { cwd: home, env: consumerEnv(), extendEnv: false };
  const required = await execa('node', ['-e', script((name) => `require('${name}')`)], environment);
  const json = (name: string) => (name.endsWith('.json') ? ", { with: { type: 'json' } }" : '');
  const imported = await execa('node', ['-e', script((name) => `import('${name}'${json(name)})`)], environment);
  for (const { stdout, stderr } of [required, imported]) {
    expect(stdout).toBe('StacksError expect mergeTests test withStacks');
    expect(stderr.replace(/.*(importing JSON|Importing JSON|--trace-warnings).*\n?/g, '')).toBe('');
  }
});

test('packed from a checkout without dist, the package holds what is built, its papers and pages, and neither a test nor a picture', async ({
  home,
}) => {
  const { stdout } = await execa('find', ['.', '-type', 'f'], {
    cwd: path.join(home, 'node_modules/playwright-stacks'),
  });
  const files = stdout.split('\n').map((file) => file.slice(2));
  const pages = files.filter((file) => file.startsWith('docs/'));
  const written = readdirSync(path.join(root, 'docs'), { recursive: true, encoding: 'utf8' });
  expect(pages.sort()).toEqual(written.flatMap((file) => (file.endsWith('.md') ? [`docs/${file}`] : [])).sort());
  expect(files.filter((file) => !/^(dist|docs)\//.test(file)).sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
  ]);
  expect(files).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', 'dist/cli/main.js']));
  expect(files.filter((file) => /\.test\.|testing\//.test(file))).toEqual([]);
  // Bundled: each file that is loaded costs every process of a run, also each worker.
  expect(files.filter((file) => file.endsWith('.js')).length).toBeLessThan(80);
});

/** The compiler that the package is built with, and an older one that knows `moduleResolution: "node"` still. */
const compilers = {
  current: ['typescript'],
  older: ['@arethetypeswrong/cli/package.json', '@arethetypeswrong/core', 'typescript'],
};

function compiler(which: keyof typeof compilers): string {
  const file = compilers[which].reduce(
    (from, name) => createRequire(from).resolve(name),
    path.join(root, 'package.json'),
  );
  return path.join(file.slice(0, file.lastIndexOf('/typescript/')), 'typescript/bin/tsc');
}

const resolutions = [
  { by: 'older', module: 'commonjs', moduleResolution: 'node' },
  { by: 'current', module: 'node16', moduleResolution: 'node16' },
  { by: 'current', module: 'nodenext', moduleResolution: 'nodenext' },
  { by: 'current', module: 'preserve', moduleResolution: 'bundler' },
] as const;

for (const { by, module, moduleResolution } of resolutions) {
  test(`the types resolve with module "${module}" and moduleResolution "${moduleResolution}"`, async ({ project }) => {
    const config = `
      import { defineConfig } from '@playwright/test';
      import { type StacksOptions, withStacks } from 'playwright-stacks';
      const options: StacksOptions = { server: { command: 'npm start' } };
      export default withStacks(defineConfig({}), options);
      // @ts-expect-error: were the types not found, all would be allowed.
      withStacks(defineConfig({}), { database: { migrate: 7 } });
    `;
    const { folder } = await project('plain', { files: { 'typed.config.ts': config } });
    const options = ['--noEmit', '--strict', '--target', 'es2022', '--module', module];
    const rest = ['--skipLibCheck', '--moduleResolution', moduleResolution, 'typed.config.ts'];
    const result = await execa(compiler(by), [...options, ...rest], { cwd: folder, all: true, reject: false });
    expect(result.all).toBe('');
  });
}
