import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { type FingerprintInputs, fingerprint } from './fingerprint.ts';

let root: string;
test.beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'stk-test-'));
  await write('migrations/1.sql', 'CREATE TABLE a ()');
  await write('migrations/.hidden.sql', '');
  await write('seed/data.csv', '1');
});
test.afterEach(() => rm(root, { recursive: true }));

async function write(path: string, text: string): Promise<void> {
  await mkdir(dirname(join(root, path)), { recursive: true });
  await writeFile(join(root, path), text);
}

const database: FingerprintInputs = {
  inputs: ['migrations/**', 'seed/**'],
  migrate: { kind: 'command', command: 'npm run migrate' },
  seed: { kind: 'function', run: () => 1 },
  extensions: [],
  option: 'database',
  env: {},
  role: 'owner',
};
const of = async (changes: Partial<FingerprintInputs> = {}, identity = '18') =>
  (await fingerprint({ ...database, ...changes }, root, identity))?.key;

test('the same inputs have the same fingerprint', async () => {
  expect(await of()).toMatch(/^[0-9a-f]{16}$/);
  expect(await of()).toBe(await of());
  expect(await of({ inputs: ['seed/**', 'migrations/**', '**/*.sql'] })).toBe(await of());
});

test('every change of what a template is made from changes it', async () => {
  const seen = [await of()];
  seen.push(await of({}, '17'));
  seen.push(await of({ migrate: undefined }));
  seen.push(await of({ seed: { kind: 'function', run: () => 2 } }));
  seen.push(await of({ extensions: ['citext'] }));
  seen.push(await of({ role: 'superuser' }));
  await write('migrations/1.sql', 'CREATE TABLE b ()');
  seen.push(await of());
  await write('migrations/.hidden.sql', '--');
  seen.push(await of());
  await write('migrations/2.sql', '');
  seen.push(await of());
  expect(new Set(seen).size).toBe(seen.length);
});

test('node_modules and excluded files do not count', async () => {
  const before = await of({ inputs: ['**', '!**/*.log'] });
  await write('node_modules/a/index.js', '');
  await write('seed/run.log', '');
  expect(await of({ inputs: ['**', '!**/*.log'] })).toBe(before);
});

test('a folder stands for the files in it', async () => {
  expect(await of({ inputs: ['migrations', 'seed'] })).toBe(await of());
});

test('without inputs there is none', async () => {
  expect(await of({ inputs: undefined })).toBeUndefined();
});

test('a glob that matches no file is an error that names it and the folder', async () => {
  await expect(of({ inputs: ['migrations/**', 'sql/*.sql'] })).rejects.toThrow(
    `INPUTS_EMPTY: \`database.inputs[1]\` ("sql/*.sql") matches no file.
  folder  ${root}
  hint: globs in \`database.inputs\` are relative to the folder of the Playwright config.`,
  );
});

test('all globs that match no file are named at once', async () => {
  await expect(of({ inputs: ['sql/*.sql', 'migrations/**', 'fixtures/**'] })).rejects.toThrow(
    `INPUTS_EMPTY: 2 globs of \`database.inputs\` match no file:
  \`database.inputs[0]\` ("sql/*.sql")
  \`database.inputs[2]\` ("fixtures/**")
  folder  ${root}
  hint: globs in \`database.inputs\` are relative to the folder of the Playwright config.`,
  );
});

test('what is no file is an error and no wait: a FIFO, a device, a socket, also behind a link', async () => {
  execFileSync('mkfifo', [join(root, 'fifo')]);
  const server = createServer().listen(join(root, 'socket'));
  await once(server, 'listening');
  for (const [name, target] of Object.entries({ fifo: 'fifo', socket: 'socket', device: '/dev/zero' })) {
    await symlink(target, join(root, `${name}.sql`));
    await expect(of({ inputs: ['migrations/**', `${name}.sql`] })).rejects.toThrow(
      `INPUTS_EMPTY: "${name}.sql", which \`database.inputs\` matches, is a FIFO, a socket or a device.
  folder  ${root}
  hint: leave it out: add "!${name}.sql" to \`database.inputs\`.`,
    );
    await rm(join(root, `${name}.sql`));
  }
  await expect(of({ inputs: ['fifo'] })).rejects.toThrow(
    'INPUTS_EMPTY: `database.inputs[0]` ("fifo") matches no file.',
  );
  server.close();
});
