// A Postgres of this machine as the embedded server: Debian's 15, where it is installed.
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { newTestBed, type TestBed } from '../../testing/postgres.ts';
import { withClient } from '../client/connection.ts';
import { findBinaries } from './binaries.ts';
import { chooseBinaries } from './choose-binaries.ts';
import type { EmbeddedServer } from './embedded-server.ts';
import { findKeptClusters } from './kept-clusters.ts';
import { postgresUser } from './postgres-user.ts';

const DEBIAN = '/usr/lib/postgresql/15/bin';
const { signal } = new AbortController();
let testBed: TestBed;
test.describe.configure({ mode: 'default' });
test.skip(!existsSync(DEBIAN), 'Debian’s postgresql-15 is not installed: `apt-get install postgresql-15`');
test.beforeAll(async () => {
  testBed = await newTestBed({ cache: 'nothing' });
});
test.afterAll(() => testBed.lifetime.close());

const choose = (binaries: string) => chooseBinaries('/', { binaries }, { option: 'database', signal });

async function ask(server: EmbeddedServer, sql: string): Promise<unknown[]> {
  return withClient(server.connect({ purpose: 'test' }), async (client) => (await client.query(sql)).rows);
}

/** A folder with programs that are scripts; a new one, if none is there. */
async function folderOf(programs: Readonly<Record<string, string>>, there?: string): Promise<string> {
  const folder = there ?? (await mkdtemp('/tmp/stk-test-'));
  if (there === undefined) testBed.lifetime.defer(`remove ${folder}`, () => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  for (const [name, script] of Object.entries(programs)) {
    await mkdir(join(folder, name, '..'), { recursive: true });
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  }
  return folder;
}

test('it is started with a cache of its own, beside that of another major', async () => {
  const binaries = await choose(DEBIAN);
  expect(binaries).toMatchObject({ major: 15, share: '/usr/share/postgresql/15' });
  const first = await testBed.start({ binaries, clusterKey: 'same' });
  expect(first).toMatchObject({ cluster: 'initdb', installation: DEBIAN, version: binaries.version });
  await ask(first, 'CREATE DATABASE kept');
  expect(await first.publish()).toBeUndefined();
  expect(
    await ask(first, "SELECT rolsuper, datname FROM pg_roles, pg_database WHERE rolname = 'app' AND datname = 'kept'"),
  ).toEqual([{ rolsuper: false, datname: 'kept' }]);
  expect(await first.countStatements()).toMatchObject({ database: 'postgres' });
  await first.close();

  const other = await testBed.start({ clusterKey: 'same' });
  expect(other).toMatchObject({ cluster: 'initdb', installation: undefined });
  expect(other.identity).not.toBe(first.identity);
  await other.close();

  const again = await testBed.start({ binaries, clusterKey: 'same' });
  expect(again.cluster).toBe('cached');
  await again.close();
});

test('by links from another folder, without pg_config and without contrib it starts and says what it cannot count; what it has kept is opened by no other major', {
  tag: '@matrix',
}, async () => {
  const folder = await folderOf({ pg_config: 'echo /nowhere/share; echo /nowhere/lib' });
  for (const name of ['postgres', 'initdb']) await symlink(join(DEBIAN, name), join(folder, name));
  const binaries = await choose(folder);
  expect(binaries.share).toBe('/nowhere/share');
  // An extension that is installed, or another version of it, makes another template.
  const { identity } = binaries;
  await folderOf(
    { pg_config: `echo ${folder}/share; echo /nowhere/lib`, 'share/extension/fish.control': 'version 1' },
    folder,
  );
  const withOne = await choose(folder);
  await folderOf({ 'share/extension/fish.control': 'version 2' }, folder);
  expect(new Set([identity, withOne.identity, (await choose(folder)).identity]).size).toBe(3);
  const server = await testBed.start({ binaries });
  expect(await server.countStatements()).toEqual({
    why: 'there is no extension pg_stat_statements in the database "postgres"',
  });
  await server.putAway([]);
  await rm(join(folder, 'pg_config'));
  expect(await choose(folder)).toMatchObject({ share: '/usr/share/postgresql/15', libraries: undefined });

  // What it has put away is for the binaries that made it.
  const [kept] = await findKeptClusters(join(testBed.folder, 'project'));
  expect(kept?.choice).toEqual({ binaries: folder });
  await expect(testBed.start({ kept, run: 'other00000' })).rejects.toThrow(
    /^POSTGRES_FAILED: what was kept is of Postgres 15; the binaries in \/.*\/bin are 18\.\n {2}hint: install Postgres 15 there again/,
  );
  expect((await readdir('/dev/shm')).filter((name) => name.includes('other00000'))).toEqual([]);
});

test('the folder of another npm package is taken as such', { tag: '@matrix' }, async () => {
  const { native, version } = await findBinaries('/');
  expect(await choose(join(native, 'bin'))).toMatchObject({ native, version });
});

const PROGRAM = 'echo "postgres (PostgreSQL) 16.4"';

test('a folder that is none, or of no Postgres that can be started, is an error that says why', async () => {
  const installed = `here there is '${DEBIAN}'`;
  await expect(choose('/no/such/bin')).rejects.toThrow(
    `POSTGRES_MISSING: \`database.binaries\`: /no/such/bin does not exist.
  hint: it names the folder of \`postgres\` and \`initdb\`; ${installed}`,
  );
  await expect(choose('/usr/lib/postgresql/15')).rejects.toThrow(
    `\`database.binaries\`: /usr/lib/postgresql/15 has no \`postgres\`.
  hint: it names the folder of \`postgres\` and \`initdb\`; here there is '${DEBIAN}'.`,
  );
  const cases: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
    [{ postgres: PROGRAM }, 'has no `initdb`.'],
    [{ postgres: 'echo "postgres (PostgreSQL) 12.22"', initdb: '' }, 'is Postgres 12.22, older than 13.'],
    [
      { postgres: 'echo no library >&2; exit 127', initdb: '' },
      'has a `postgres` that does not run.\n  reason  no library',
    ],
    [{ postgres: 'echo hello', initdb: '' }, 'has a `postgres` that is not PostgreSQL’s.\n  it says  hello'],
  ];
  for (const [programs, what] of cases) {
    const folder = await folderOf(programs);
    await expect(choose(folder)).rejects.toThrow(`POSTGRES_MISSING: \`database.binaries\`: ${folder} ${what}`);
  }
  const folder = await folderOf({ postgres: PROGRAM, initdb: '' });
  await chmod(join(folder, 'postgres'), 0o644);
  await expect(choose(folder)).rejects.toThrow(`${folder} has a \`postgres\` that you may not run.`);
});

test('as root, a folder that Postgres’s user may not enter is an error that names it', async () => {
  test.skip(!postgresUser(), 'only for root does Postgres run as another user');
  const folder = await folderOf({ 'home/bin/postgres': PROGRAM, 'home/bin/initdb': '' });
  await chmod(join(folder, 'home'), 0o700);
  const refused = `POSTGRES_MISSING: \`database.binaries\`: ${folder}/home/bin/postgres cannot be run by uid 65534, as whom Postgres has to run: it refuses to be root.
  may not enter  ${folder}/home
  hint: let others enter and read it (\`chmod -R o+rX ${folder}/home\`)`;
  await expect(choose(join(folder, 'home/bin'))).rejects.toThrow(refused);
  await mkdir(join(folder, 'open'));
  for (const name of ['postgres', 'initdb']) await symlink(join(folder, 'home/bin', name), join(folder, 'open', name));
  await expect(choose(join(folder, 'open'))).rejects.toThrow(`may not enter  ${folder}/home`);
});
