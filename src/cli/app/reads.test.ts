// What is noted of what real programs read, and what is said of it.
import { execFileSync, execSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Lifetime } from '../../lifetime.ts';
import { compile } from '../../testing/compiled.ts';
import { readsIn, readsText } from './reads.ts';

test.describe.configure({ mode: 'default' }); // compiled once
const lifetime = new Lifetime();
let folder = '';

test.beforeAll(async () => {
  const compiled = await compile(lifetime, ['process/child-env', 'process/record-reads.cts']);
  folder = mkdtempSync(join(tmpdir(), 'stk reads "'));
  lifetime.defer(`remove ${folder}`, () => rmSync(folder, { recursive: true }));
  // Without its link to our own modules: the tests write theirs.
  cpSync(compiled.folder, folder, { recursive: true, filter: (path) => !path.endsWith('node_modules') });
  mkdirSync(join(folder, 'reads'));
});
test.afterAll(() => lifetime.close());

/** What is said of a command that is given DATABASE_URL and PORT, and what it prints. */
function readsOf(title: string, command: string, files: Readonly<Record<string, string>>) {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  writeFileSync(
    join(folder, 'start.mjs'),
    `import { spawnSync } from 'node:child_process'; import { childEnv } from './process/child-env.js';
    const env = childEnv({ DATABASE_URL: 'postgres://x', PORT: '1' }, { title: ${JSON.stringify(title)} });
    const { stdout, stderr } = spawnSync(${JSON.stringify(command)}, { shell: true, env, encoding: 'utf8' });
    process.stdout.write(stdout + stderr);`,
  );
  const env = { PATH: process.env.PATH, SECRET: 'x', STACKS_READS: join(folder, 'reads') };
  const printed = execFileSync(process.execPath, ['start.mjs'], { cwd: folder, env, encoding: 'utf8' });
  const reads = readsIn(join(folder, 'reads')).find((each) => each.title === title);
  return { said: reads && readsText(reads), printed };
}

test('what a Node program and its packages read by name is seen, of what it is given; of others what its own code reads', () => {
  const { said } = readsOf('database.migrate', 'node migrate.mjs', {
    'migrate.mjs': `import './node_modules_of/index.mjs'; import lib from './node_modules/lib/index.cjs';
      process.env.POSTGRES_URL ?? lib; 'SEED' in process.env; const { SECRET } = process.env;`,
    'node_modules_of/index.mjs': 'process.env.LOG;',
    'node_modules/lib/index.cjs':
      'module.exports = [process.env.DATABASE_URL, process.env.NODE_ENV]; process.env.DATABASE_URL;',
  });
  expect(said).toBe('reads DATABASE_URL; also LOG, POSTGRES_URL, SECRET, SEED');
});

test('handing the environment on, and looking whether a file’s variables are set, is no reading; a child’s own is', () => {
  const { said } = readsOf('database.seed', 'node seed.cjs', {
    'seed.cjs': `require('./node_modules/dotenv/index.cjs');
      require('child_process').execFileSync(process.execPath, ['child.cjs'], { stdio: 'inherit' });`,
    'child.cjs': 'process.env.PORT;',
    'node_modules/dotenv/index.cjs': 'for (const name of ["DATABASE_URL", "OTHER"]) process.env[name] ??= "of a file";',
  });
  expect(said).toBe('reads PORT');
});

test('a copy is said, and so is that no Node program runs, or one that reads nothing', () => {
  const copied = 'makes a copy of its environment, in which reads are not seen';
  const spread = { 'a.cjs': 'const env = { ...process.env }; env.DATABASE_URL; process.env.PORT;' };
  expect(readsOf('a', 'node a.cjs', spread).said).toBe(`reads PORT; ${copied}`);
  const listed = { 'b.cjs': 'for (const name of Object.keys(process.env)) process.env[name];' };
  expect(readsOf('b', 'node b.cjs', listed).said).toBe(`reads none of what it is given; ${copied}`);
  const prefixed = {
    'node_modules/tool/index.cjs': 'for (const name in process.env) if (name.startsWith("S")) process.env[name];',
    'g.cjs': 'require("./node_modules/tool/index.cjs"); process.env.DATABASE_URL;',
  };
  expect(readsOf('g', 'node g.cjs', prefixed).said).toBe('reads DATABASE_URL');
  const unseen = 'is given DATABASE_URL, PORT, and no Node program, in which reads can be seen';
  expect(readsOf('c', 'echo "$DATABASE_URL"', {}).said).toBe(unseen);
  const npm = { 'package.json': '{ "type": "module", "scripts": { "d": "echo" } }' };
  expect(readsOf('d', 'npm run d', npm).said).toBe(unseen);
  expect(readsOf('e', 'node e.cjs', { 'e.cjs': 'process.env.POSTGRES_URL' }).said).toBe(
    'reads none of what it is given; also POSTGRES_URL',
  );
});

test('a program finds its environment as it is without us, and may write it', () => {
  const program = `const { execSync } = require('child_process');
    const { NODE_OPTIONS, PLAYWRIGHT_STACKS_READS, ...env } = process.env;
    process.env.A = 1; process.env.B = undefined; delete process.env.SECRET;
    Object.defineProperty(process.env, 'C', { value: 'c', configurable: true, enumerable: true, writable: true });
    new (require('worker_threads').Worker)('console.log(process.env.A)', { eval: true });
    console.log(JSON.stringify(env), Object.hasOwn(process.env, 'SECRET'), 'C' in process.env, typeof process.env.A,
      execSync('echo $A $B $C $SECRET.').toString());`;
  const { printed } = readsOf('f', 'node f.cjs', { 'f.cjs': program });
  const bare = execSync('node f.cjs', {
    ...{ cwd: folder, encoding: 'utf8' },
    env: { PATH: process.env.PATH, SECRET: 'x', DATABASE_URL: 'postgres://x', PORT: '1' },
  });
  const sorted = (text: string) => text.split(/[ ,{}\n]/).sort();
  expect(sorted(printed)).toEqual(sorted(bare));
});
