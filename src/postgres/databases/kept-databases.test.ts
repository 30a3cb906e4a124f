// Databases that are set aside: on the server, past the sweeps, and in a cluster of their own.
import { execFile } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from '@playwright/test';
import { Lifetime } from '../../lifetime.ts';
import { keptName, newRunKey, stackKey } from '../../names.ts';
import { newTestBed, type TestBed } from '../../testing/postgres.ts';
import { type Client, connect, withClient } from '../client/connection.ts';
import type { EmbeddedServer } from '../embedded/embedded-server.ts';
import { discardKeptCluster, findKeptClusters } from '../embedded/kept-clusters.ts';
import { dropRun } from '../existing/drop-run.ts';
import { connectTo, useExisting } from '../existing/existing.ts';
import { sweepDatabases } from '../existing/sweep-databases.ts';
import { dropKept, keptDatabases, setAside } from './kept-databases.ts';
import { makeDatabase } from './make-database.ts';

test.describe.configure({ mode: 'default' }); // one server
const lifetime = new Lifetime();
let testBed: TestBed;
let server: EmbeddedServer;
let url: string;
let admin: Client;

test.beforeAll(async () => {
  testBed = await newTestBed();
  lifetime.defer('testBed', () => testBed.lifetime.close());
  server = await testBed.start();
  url = server.urlFor('postgres', 'superuser');
  admin = await server.connect({ purpose: 'test' });
});
test.afterAll(() => lifetime.close());

const after = (run: string) => ({
  ...{ test: 'it\'s › "quoted"\n', file: 'a.spec.ts', slot: 3, variant: 'default', root: '/project' },
  at: `2026-01-31T12:00:00.${run.slice(0, 3)}Z`,
});

/** A stack's clones, as a run of `key` has made them, with a row in each. */
async function clones(run: string): Promise<{ name: string; database: string }[]> {
  const key = stackKey(run, 3, 'default');
  const all = [
    { name: 'main', database: key },
    { name: 'audit', database: `${key}__audit` },
  ];
  for (const { name, database } of all) {
    await makeDatabase(server, admin, { kind: 'run', run, name: database, comment: '' });
    await withClient(server.connect({ purpose: 'test', database }), (client) =>
      client.query(`CREATE TABLE public.rows (text text); INSERT INTO public.rows VALUES ('${name}')`),
    );
  }
  return all;
}

async function names(pattern: string): Promise<string[]> {
  const found = await admin.query('SELECT datname FROM pg_database WHERE datname LIKE $1 ORDER BY 1', [pattern]);
  return found.rows.map(({ datname }) => datname);
}

const rowsOf = (client: Client) => client.query('SELECT text FROM public.rows').then(({ rows }) => rows);
const clean = (run: string, how: 'drop' | 'look') =>
  withClient(connectTo(url, { purpose: 'clean' }), async (client) => {
    const [kept] = (await keptDatabases(client)).filter((each) => each.run === run);
    return kept && dropKept(client, kept, how);
  });

test('all databases of a stack are copied, whoever is connected; the clones stay', async () => {
  const run = newRunKey();
  const databases = await clones(run);
  const somebody = await server.connect({ purpose: 'test', database: stackKey(run, 3, 'default') });
  const ended = new Promise((resolve) => somebody.once('error', resolve));
  await setAside(server, { run, n: 12, databases, after: after(run) });
  await ended;
  const name = keptName(run, 12);
  expect(await keptDatabases(admin)).toEqual([
    {
      ...{ name, run, ...after(run) },
      databases: [
        { name: 'main', database: name, bytes: expect.any(Number) },
        { name: 'audit', database: `${name}__audit`, bytes: expect.any(Number) },
      ],
    },
  ]);
  for (const [database, text] of [
    [name, 'main'],
    [`${name}__audit`, 'audit'],
    [`${stackKey(run, 3, 'default')}__audit`, 'audit'],
  ] as const) {
    expect(await withClient(server.connect({ purpose: 'test', database }), rowsOf)).toEqual([{ text }]);
  }
});

test('sweep and reaper leave it alone; only its own run’s end lets it be dropped', async () => {
  const run = newRunKey();
  await setAside(server, { run, n: 1, databases: await clones(run), after: after(run) });
  await withClient(connectTo(url, { purpose: 'sweep' }), (client) => sweepDatabases(client, 'drop'));
  await dropRun(url, run);
  const [name, audit] = [keptName(run, 1), `${keptName(run, 1)}__audit`];
  expect(await names(`%${run}%`)).toEqual([name, audit]);
  const living = new Lifetime();
  await useExisting({ url, run, connections: 2, signal: new AbortController().signal, lifetime: living });
  expect(await clean(run, 'drop')).toBe(false);
  await living.close();
  expect(await clean(run, 'look')).toBe(true);
  expect(await names(`%${run}%`)).toEqual([name, audit]);
  expect(await clean(run, 'drop')).toBe(true);
  expect(await names(`%${run}%`)).toEqual([]);
});

test('what is half made goes: at once where it fails, with its run’s databases where the run was killed', async () => {
  const run = newRunKey();
  const databases = await clones(run);
  const taken = `${keptName(run, 1)}__audit`;
  await admin.query(`CREATE DATABASE ${taken}`);
  await expect(setAside(server, { run, n: 1, databases, after: after(run) })).rejects.toThrow(
    `there is a database "${taken}"`,
  );
  const own = databases.map(({ database }) => database);
  expect(await names(`%${run}%`)).toEqual([...own, taken]);
  expect(await clean(run, 'look')).toBe(undefined); // it is somebody’s
  await makeDatabase(server, admin, { kind: 'run', run, name: keptName(run, 2), comment: '' });
  await dropRun(url, run);
  expect(await names(`%${run}%`)).toEqual([taken]);
  await admin.query(`DROP DATABASE ${taken}`);
});

test('an embedded server’s are put away alone, without a password; who opens them gets a copy', async () => {
  const run = newRunKey();
  const own = await testBed.start({ run });
  server = own;
  admin = await own.connect({ purpose: 'test' });
  const { password } = new URL(own.urlFor('postgres'));
  const databases = await clones(run);
  await admin.query('CREATE DATABASE stk_somebodys');
  await setAside(own, { run, n: 1, databases, after: after(run) });
  const kept = await keptDatabases(admin);
  await admin.end();
  await own.putAway(kept);
  await own.close();

  const root = `${testBed.folder}/project`;
  const [cluster, ...others] = await findKeptClusters(root);
  if (!cluster) throw new Error('nothing was put away');
  expect(others).toEqual([]);
  expect(cluster.kept).toEqual(kept);
  const grep = promisify(execFile)('grep', ['-rlF', password, cluster.folder]);
  expect(await grep.catch(({ code }) => code)).toBe(1);

  for (const text of ['first', 'second']) {
    const opened = await testBed.start({ kept: cluster });
    expect(opened.cluster).toBe('kept');
    const all = await withClient(opened.connect({ purpose: 'test' }), (client) =>
      client.query(`SELECT datname AS name FROM pg_database WHERE datname LIKE 'stk%' ORDER BY 1`),
    );
    const name = keptName(run, 1);
    expect(all.rows.map(({ name }) => name)).toEqual([name, `${name}__audit`, 'stk_somebodys']);
    const opening = connect({ connectionString: opened.urlFor(name) }, 'test', { purpose: 'test' });
    await withClient(opening, async (client) => {
      expect((await client.query('SELECT current_user AS me')).rows).toEqual([{ me: 'app' }]);
    });
    await withClient(opened.connect({ purpose: 'test', database: name }), async (client) => {
      expect(await rowsOf(client)).toEqual([{ text: 'main' }]);
      await client.query('UPDATE public.rows SET text = $1', [text]);
    });
    await opened.close();
  }
  await discardKeptCluster(cluster);
  expect(await findKeptClusters(root)).toEqual([]);
  expect(readdirSync(dirname(cluster.folder))).toEqual([]);
});
