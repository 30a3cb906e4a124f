// The packed package: what is in it, and that every public path loads by import and by require.
import path from 'node:path';
import { execa } from 'execa';
import { consumerEnv } from './harness/env.ts';
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

test('the package holds dist and its papers, and no test', async ({ home }) => {
  const { stdout } = await execa('find', ['.', '-type', 'f'], {
    cwd: path.join(home, 'node_modules/playwright-stacks'),
  });
  const files = stdout.split('\n').map((file) => file.slice(2));
  expect(files.filter((file) => !file.startsWith('dist/')).sort()).toEqual([
    'CHANGELOG.md',
    'LICENSE',
    'README.md',
    'package.json',
  ]);
  expect(files.filter((file) => /\.test\.|testing\//.test(file))).toEqual([]);
});
