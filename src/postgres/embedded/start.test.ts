import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { expect, test } from '@playwright/test';
import { glob } from 'tinyglobby';
import { Lifetime } from '../../lifetime.ts';
import { logPosition, readSince } from '../../log-slice.ts';
import { freePort, newTestBed, type TestBed } from '../../testing/postgres.ts';
import { connect, withClient } from '../client/connection.ts';
import { readStatements } from '../statements/read-statements.ts';
import type { EmbeddedServer } from './embedded-server.ts';
import { findKeptClusters } from './kept-clusters.ts';
import { postgresUser } from './postgres-user.ts';

test.describe.configure({ mode: 'serial' });

let testBed: TestBed;
test.beforeAll(async () => {
  testBed = await newTestBed({ cache: 'nothing' });
});
test.afterAll(() => testBed.lifetime.close());

const dataOf = (run: string) =>
  ['/dev/shm', tmpdir(), '/tmp'].flatMap((base) => readdirSync(base).filter((name) => name.startsWith(`stk-${run}-`)));

async function ask(server: EmbeddedServer, sql: string): Promise<unknown[]> {
  return withClient(server.connect({ purpose: 'test' }), async (client) => (await client.query(sql)).rows);
}

test('the first server is made by initdb, the second from the cached empty cluster', async () => {
  const first = await testBed.start();
  expect(first.cluster).toBe('initdb');
  expect(first.versionNumber).toBeGreaterThanOrEqual(180_000);
  await first.close();
  const second = await testBed.start();
  expect(second.cluster).toBe('base');
  await second.close();
});

test('a published cluster starts with its databases, and holds no password', async () => {
  const first = await testBed.start({ clusterKey: 'k1' });
  await ask(first, 'CREATE DATABASE kept');
  const url = first.urlFor('postgres');
  expect(await first.publish()).toBeUndefined();
  expect(first.urlFor('postgres')).toBe(url);
  expect(await ask(first, "SELECT 1 AS one FROM pg_database WHERE datname = 'kept'")).toHaveLength(1);
  await first.close();

  const second = await testBed.start({ clusterKey: 'k1' });
  expect(second.cluster).toBe('cached');
  expect(await ask(second, "SELECT 1 AS one FROM pg_database WHERE datname = 'kept'")).toHaveLength(1);
  expect(second.urlFor('postgres').split('@')[0]).not.toBe(url.split('@')[0]);
  await second.close();
});

test('the owner is no superuser and can do nothing to the cluster', async () => {
  const server = await testBed.start();
  expect(
    await ask(server, "SELECT rolsuper, rolcreatedb, rolcreaterole, rolbypassrls FROM pg_roles WHERE rolname = 'app'"),
  ).toEqual([{ rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolbypassrls: false }]);
  await server.close();
});

test('text is UTF-8, ordered by code point, with upper and lower case beyond ASCII', async () => {
  const server = await testBed.start();
  expect(await ask(server, "SELECT lower('ÀÉ') AS low, 'B' < 'a' AS ordered, 'ü' ILIKE 'Ü' AS alike")).toEqual([
    { low: 'àé', ordered: true, alike: true },
  ]);
  await server.close();
});

test('a port that is taken is an error that names it, and nothing is left', async () => {
  const port = await freePort();
  const first = await testBed.start({ port });
  const lifetime = new Lifetime();
  await expect(testBed.start({ port, run: 'taken00000', lifetime })).rejects.toThrow(
    `POSTGRES_FAILED: the embedded Postgres could not listen on 127.0.0.1:${port}, another process does.`,
  );
  await lifetime.close();
  expect(dataOf('taken00000')).toEqual([]);
  await first.close();
});

test('an abort while it starts ends it and leaves nothing', async () => {
  const lifetime = new Lifetime();
  const controller = new AbortController();
  const starting = testBed.start({ run: 'abort00000', lifetime, signal: controller.signal });
  controller.abort(new Error('interrupted'));
  await expect(starting).rejects.toThrow('interrupted');
  await lifetime.close();
  expect(dataOf('abort00000')).toEqual([]);
});

test('as root, Postgres’s user owns the data and can exchange nothing beside them', async () => {
  test.skip(!postgresUser(), 'only for root does Postgres run as another user');
  const server = await testBed.start();
  const attempts = [
    'touch planted',
    'mv data aside',
    'rm pg_hba.conf',
    'ln -s / lib/planted',
    'cat owner.json',
    'ls .',
  ];
  for (const attempt of attempts) {
    const { status } = spawnSync('sh', ['-c', `cd "$1" && ${attempt}`, 'sh', server.folder], postgresUser());
    expect({ attempt, failed: status !== 0 }).toEqual({ attempt, failed: true });
  }
  expect(spawnSync('ls', [`${server.folder}/data`], postgresUser()).status).toBe(0);
  await server.close();
});

test('its loss is reported with the log', async () => {
  const server = await testBed.start();
  const pid = Number((await readFile(`${server.folder}/data/postmaster.pid`, 'utf8')).split('\n')[0]);
  process.kill(pid, 'SIGKILL');
  expect((await server.lost).message).toContain(`POSTGRES_FAILED: the embedded Postgres on port ${server.port} ended`);
});

test('a cached cluster that does not start is thrown away', { tag: '@matrix' }, async () => {
  await (await testBed.start()).close(); // it is cached from now on
  const [file] = await glob('cache/uid-*/clusters/base-*/data/global/pg_control', {
    cwd: testBed.folder,
    dot: true,
    absolute: true,
  });
  await rm(String(file));
  const server = await testBed.start();
  expect(server.cluster).toBe('initdb');
  await server.close();
});

test('statements are logged once that is asked for, in a form that is read back, and not by a cluster that is kept', async () => {
  const server = await testBed.start();
  const application = () =>
    connect({ connectionString: server.urlFor('postgres') }, 'test', { purpose: 'app', name: 'shop' });
  await withClient(application(), (client) => client.query("SELECT 'before'"));
  const file = await server.logStatements({ parameters: 'show' });
  const since = logPosition(file);
  await withClient(application(), async (client) => {
    await client.query('SELECT $1::text, $2::int', ["it's", null]);
    await client.query("SELECT\n'two lines'");
    await client.query('SELECT 1 / (random() * $1)::int', [0]).catch(() => {});
    await client.query('SELEC').catch(() => {});
  });
  await ask(server, 'SELECT 1'); // ours
  const statements = readStatements(readSince(since, 100_000).head, ['postgres']).filter(
    ({ sql }) => !/set_config/.test(sql),
  );
  expect(statements.map(({ sql, parameters, error }) => [sql, parameters, error?.code])).toEqual([
    ['SELECT $1::text, $2::int', ["it's", null], undefined],
    ["SELECT\n'two lines'", [], undefined],
    ['SELECT 1 / (random() * $1)::int', ['0'], '22012'],
    ['SELEC', [], '42601'],
  ]);
  expect(statements[0]).toMatchObject({ application: 'shop: app', ms: expect.any(Number) });

  await server.logStatements({ parameters: 'hide' });
  const hidden = logPosition(file);
  await withClient(application(), (client) => client.query('SELECT $1::text', ['hunter2']));
  expect(readSince(hidden, 100_000).head).toContain('SELECT $1::text');
  expect(readSince(hidden, 100_000).head).not.toContain('hunter2');

  await server.putAway([]);
  const [kept] = await findKeptClusters(`${testBed.folder}/project`);
  expect(await readFile(`${kept?.folder}/data/postgresql.auto.conf`, 'utf8')).not.toContain('log_');
});
