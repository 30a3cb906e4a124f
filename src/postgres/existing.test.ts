import { existsSync } from 'node:fs';
import { chown, mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { expect, test } from '@playwright/test';
import { Lifetime } from '../lifetime.ts';
import { newRunKey } from '../names.ts';
import { createClone } from './clone.ts';
import { connect, withClient } from './connection.ts';
import { withDatabase } from './connection-string.ts';
import { dropDatabase } from './drop.ts';
import { useExisting } from './existing.ts';
import { startPostgres } from './postgres-process.ts';
import { postgresUser } from './postgres-user.ts';
import { runTool } from './run-tool.ts';
import { ensureTemplate } from './template.ts';
import { freePort, newGround } from './testing/ground.ts';

test.describe.configure({ mode: 'default' }); // one server
const DEBIAN = '/usr/lib/postgresql/15/bin';
const signal = new AbortController().signal;
const lifetime = new Lifetime();
let url: string;

/** Debian's Postgres with stock settings where it is installed, else an embedded one; a role with only CREATEDB. */
test.beforeAll(async () => {
  const superuser = existsSync(DEBIAN) ? await startDebian() : await startOther();
  const opening = connect({ connectionString: superuser }, 'test', { purpose: 'test' });
  await withClient(opening, async (client) => {
    await client.query(`
      CREATE ROLE maker LOGIN CREATEDB PASSWORD 'p@ss:w/ord';
      CREATE ROLE nobody_special LOGIN PASSWORD 'x'`);
  });
  const own = new URL(superuser);
  own.username = 'maker';
  own.password = encodeURIComponent('p@ss:w/ord');
  url = own.href;
});
test.afterAll(() => lifetime.close());

async function startDebian(): Promise<string> {
  const folder = await mkdtemp('/tmp/stk-test-15-');
  lifetime.defer('remove', () => rm(folder, { recursive: true, force: true }));
  const user = postgresUser();
  if (user) await chown(folder, user.uid, user.gid);
  await runTool([`${DEBIAN}/initdb`, '-D', `${folder}/data`, '-U', 'postgres', '-A', 'trust', '--no-sync'], { signal });
  const port = await freePort();
  const postgres = await startPostgres({
    runnable: { postgres: `${DEBIAN}/postgres`, initdb: '', env: {} },
    data: `${folder}/data`,
    settings: { port: String(port), listen_addresses: '127.0.0.1', unix_socket_directories: folder },
    port,
    log: `${folder}.log`,
    signal,
  });
  lifetime.defer('remove log', () => rm(`${folder}.log`));
  lifetime.defer('stop', () => postgres.stop('at once'));
  return `postgresql://postgres@127.0.0.1:${port}/postgres`;
}

async function startOther(): Promise<string> {
  const ground = await newGround();
  lifetime.defer('ground', () => ground.lifetime.close());
  return (await ground.start()).urlFor('postgres', 'superuser');
}

test('template and clone are made on it by a role with only CREATEDB', async () => {
  const run = newRunKey();
  await using mine = new Lifetime();
  const server = await useExisting({ url, run, signal, lifetime: mine });
  expect(server).toMatchObject({ kind: 'existing', cluster: 'none', owner: 'maker' });
  const migrate = ({ url }: { url: string }) =>
    withClient(connect({ connectionString: url }, 'test', { purpose: 'test' }), async (client) => {
      await client.query('CREATE TABLE note (id int)');
    });
  const spec = { key: run, run, extensions: [], role: 'owner' as const, migrate, seed: undefined };
  const template = await ensureTemplate(server, spec, signal);
  const name = `stk_${run}_0`;
  await createClone(server, template, { name, run, signal });
  const opening = connect({ connectionString: server.urlFor(name) }, 'test', { purpose: 'test' });
  await withClient(opening, async (client) => {
    expect((await client.query('SELECT * FROM note')).rowCount).toBe(0);
  });
  await dropDatabase(server, name);
  await dropDatabase(server, template.database);
});

test('a run holds a lock for as long as it lives', async () => {
  const locks = () =>
    withClient(connect({ connectionString: url }, 'test', { purpose: 'test' }), async (client) => {
      return (await client.query("SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted")).rowCount;
    });
  const mine = new Lifetime();
  const before = await locks();
  await useExisting({ url, run: newRunKey(), signal, lifetime: mine });
  expect(await locks()).toBe((before ?? 0) + 1);
  await mine.close();
  await expect.poll(locks).toBe(before);
});

test('the loss of its session is told', async () => {
  await using mine = new Lifetime();
  const run = newRunKey();
  const server = await useExisting({ url, run, signal, lifetime: mine });
  await withClient(server.connect({ purpose: 'test' }), (client) =>
    client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = $1', [
      `playwright-stacks: lease ${run}`,
    ]),
  );
  expect((await server.lost).code).toBe('DATABASE_UNREACHABLE');
});

test('a role that may not create databases is told the ALTER ROLE', async () => {
  const other = new URL(url);
  other.username = 'nobody_special';
  other.password = 'x';
  await expect(useExisting({ url: other.href, run: 'r', signal, lifetime })).rejects.toThrow(
    `DATABASE_UNREACHABLE: the role "nobody_special" may not create databases at ${other.host}.
  hint: run \`ALTER ROLE "nobody_special" CREATEDB\` as a superuser there.`,
  );
});

test('a server that is not there, and a database that does not exist, are errors that name the option', async () => {
  const nowhere = new URL(url);
  nowhere.port = String(await freePort());
  await expect(useExisting({ url: nowhere.href, run: 'r', signal, lifetime })).rejects.toThrow(
    /^DATABASE_UNREACHABLE: Postgres at 127\.0\.0\.1:\d+ could not be reached\.[\s\S]*ECONNREFUSED[\s\S]*`database\.url`/,
  );
  const missing = useExisting({ url: withDatabase(url, 'no_such'), run: 'r', signal, lifetime });
  await expect(missing).rejects.toThrow(/database "no_such" does not exist[\s\S]*\(now "no_such"\)/);
});

test('a server that never answers is given up at the deadline', async () => {
  const silent = createServer(() => {});
  const port = await freePort();
  await new Promise<void>((resolve) => silent.listen(port, '127.0.0.1', resolve));
  const address = { connectionString: `postgresql://a@127.0.0.1:${port}/a` };
  await expect(connect(address, `127.0.0.1:${port}`, { purpose: 'test', timeout: 100 })).rejects.toThrow(
    `DATABASE_UNREACHABLE: Postgres at 127.0.0.1:${port} could not be reached within 100 ms.`,
  );
  silent.close();
});
