// What the board shows of servers and databases: real ones.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from '@playwright/test';
import type { DatabaseFacts, LiveFacts } from '../../board/live-facts.ts';
import { connect, withClient } from '../../postgres/client/connection.ts';
import type { EmbeddedServer } from '../../postgres/embedded/embedded-server.ts';
import { newTestBed, type TestBed } from '../../testing/postgres.ts';
import { LiveLook, type Looked } from './live-look.ts';

let testBed: TestBed;
let server: EmbeddedServer;
test.beforeAll(async () => {
  testBed = await newTestBed();
  server = await testBed.start();
  await inDatabase('CREATE DATABASE stk_1');
  await inDatabase('CREATE TABLE public.users (name text, password text)', 'stk_1');
  await inDatabase("INSERT INTO public.users VALUES ('anna', 'x')", 'stk_1');
});
test.afterAll(() => testBed.lifetime.close());

const inDatabase = (sql: string, database?: string) =>
  withClient(server.connect({ purpose: 'test', ...(database && { database }) }), (client) => client.query(sql));

/** A session of the application's. */
const session = () =>
  connect({ connectionString: server.urlFor('stk_1', 'superuser') }, 'test', { purpose: 'web', name: 'shop' });

const databaseOf = ({ databases }: LiveFacts): DatabaseFacts | undefined => databases[0];

test('a database: its size, who is connected, what runs for longest and whom it waits for, without values', async () => {
  const look = new LiveLook(server, async () => [{ slot: 1, variant: 'default', databases: ['stk_1'], servers: [] }]);
  expect(databaseOf(await look.look())).toEqual({
    ...{ slot: 1, variant: 'default', database: 'stk_1', connections: 0, query: undefined },
    size: expect.any(Number),
  });
  const [holder, waiter] = await Promise.all([session(), session()]);
  await holder.query("BEGIN; UPDATE public.users SET password = 'hunter2' WHERE name = 'anna'");
  const waiting = waiter.query("UPDATE public.users SET password = 'correct horse' WHERE name = 'anna'");
  await expect.poll(async () => databaseOf(await look.look())?.query?.blockers.length).toBe(1);
  const found = await look.look();
  expect(databaseOf(found)).toMatchObject({
    connections: 2,
    query: {
      sql: "UPDATE public.users SET password = '***' WHERE name = '***'",
      blockers: [{ application: 'shop: web', state: 'idle in transaction' }],
    },
  });
  expect(databaseOf(found)?.query?.blockers[0]?.sql).toContain("SET password = '***'");
  expect(JSON.stringify(found)).not.toMatch(/hunter2|correct horse|anna/);
  await holder.query('ROLLBACK');
  await waiting;
  await Promise.all([holder.end(), waiter.end()]);
  await look.rest();
  const { rows } = await inDatabase("SELECT FROM pg_stat_activity WHERE application_name LIKE '%board%'");
  expect(rows).toHaveLength(0);
});

test('a database that does not answer is not waited for, and is asked again', async () => {
  const open = async () => [{ slot: 1, variant: 'default', databases: ['stk_1'], servers: [] }];
  const look = new LiveLook(server, open, 500);
  expect((await look.look()).databases).toHaveLength(1);
  const { rows } = await inDatabase("SELECT pid FROM pg_stat_activity WHERE application_name LIKE '%: board'");
  const [{ pid }] = rows as [{ pid: number }];
  process.kill(pid, 'SIGSTOP');
  expect((await look.look()).databases).toEqual([]);
  process.kill(pid, 'SIGCONT');
  expect((await look.look()).databases).toHaveLength(1);
  await look.rest();
});

test('a server: the memory of all its processes, and its last error; also where the databases do not answer', async () => {
  const child = spawn(
    'sh',
    ['-c', `"${process.execPath}" -e "process.stdout.write('up'); setInterval(() => {}, 1e6)" & wait`],
    {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  );
  const { pid } = child;
  if (pid === undefined) throw new Error('no shell');
  await once(child.stdout, 'data');
  const tail = () => ['listening', 'Error: connect ECONNREFUSED', '    at Pool.connect', 'retrying'];
  const stacks: Looked[] = [
    { slot: 0, variant: 'default', databases: ['stk_1'], servers: [{ name: 'web', pid, tail }] },
  ];
  const gone = { connect: () => Promise.reject(new Error('gone')) } as unknown as EmbeddedServer;
  const { servers, databases } = await new LiveLook(gone, async () => stacks).look();
  expect(servers).toEqual([
    {
      ...{ slot: 0, variant: 'default', name: 'web', processes: 2, error: 'Error: connect ECONNREFUSED' },
      memory: expect.any(Number),
    },
  ]);
  // Node's own is 30 MB at least, and what it shares with others is counted once.
  expect(servers[0]?.memory).toBeGreaterThan(20 * 2 ** 20);
  expect(servers[0]?.memory).toBeLessThan(500 * 2 ** 20);
  expect(databases).toEqual([]);
  process.kill(-pid, 'SIGKILL');
  await once(child, 'exit');
});
