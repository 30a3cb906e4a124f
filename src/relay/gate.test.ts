// A gate before a real Postgres: what waits at it, what goes through, and that nothing of it is left when it is cut.
import { once } from 'node:events';
import { type AddressInfo, connect, createServer } from 'node:net';
import { expect, test } from '@playwright/test';
import pg from 'pg';
import { withClient } from '../postgres/client/connection.ts';
import type { EmbeddedServer } from '../postgres/embedded/embedded-server.ts';
import { newTestBed } from '../testing/postgres.ts';
import { poll } from '../wait.ts';
import { Gate } from './gate.ts';

test.describe.configure({ mode: 'default' });

let bed: Awaited<ReturnType<typeof newTestBed>>;
let server: EmbeddedServer;
const gates: Gate[] = [];

test.beforeAll(async () => {
  bed = await newTestBed();
  server = await bed.start();
  await admin('CREATE TABLE public.note (id int)');
});
test.afterEach(() => {
  for (const gate of gates.splice(0)) gate.close();
});
test.afterAll(() => bed.lifetime.close());

function admin(sql: string, values: unknown[] = []): Promise<pg.QueryResult> {
  return withClient(server.connect({ purpose: 'test' }), (client) => client.query(sql, values));
}

async function gate(state: 'held' | 'open', onWaiting?: () => void): Promise<Gate> {
  const made = await Gate.listen({ host: server.host, port: server.port }, state, onWaiting);
  gates.push(made);
  return made;
}

/** A session of an application behind the gate. */
function session({ port }: Gate): pg.Client {
  const url = new URL(server.urlFor('postgres', 'superuser'));
  url.port = String(port);
  const client = new pg.Client({ connectionString: url.href });
  client.on('error', () => {});
  return client;
}

const backends = async (ports: readonly number[]) =>
  (await admin('SELECT FROM pg_stat_activity WHERE client_port = ANY ($1)', [ports])).rowCount;

test('no gate gets a port that another has had: what outlives its generation finds no other there', async () => {
  const ports = new Set<number>();
  const gates = 3_000; // of 28,000 ports a few hundred would be given out again
  for (let n = 0; n < gates; n++) {
    const one = await gate('open');
    ports.add(one.port);
    one.close();
  }
  expect(ports.size).toBe(gates);
});

test('a held gate tells of the first connection, and lets all through when it opens', async () => {
  const waiting: string[] = [];
  const held = await gate('held', () => waiting.push('first'));
  const [one, two] = [session(held), session(held)];
  const connected = Promise.all([one.connect(), two.connect()]);
  await expect.poll(() => waiting).toEqual(['first']);
  expect(held.sessions).toEqual([]);
  held.open();
  await connected;
  expect((await one.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  const ports = held.sessions.map(({ toPostgres }) => toPostgres);
  expect(await backends(ports)).toBe(2);
  await Promise.all([one.end(), two.end()]);
  await expect.poll(() => held.sessions).toEqual([]);
});

test('a cut gate has ended its idle sessions, with their transactions, and takes no more', async () => {
  const open = await gate('open');
  const [idle, inTransaction] = [session(open), session(open)];
  await idle.connect();
  await inTransaction.connect();
  await inTransaction.query('BEGIN');
  await inTransaction.query('INSERT INTO public.note VALUES (1)');
  const ports = open.sessions.map(({ toPostgres }) => toPostgres);
  expect(await open.cut(5_000)).toEqual([]);
  expect(await backends(ports)).toBe(0);
  expect((await admin('TABLE public.note')).rowCount).toBe(0);
  await expect(idle.query('SELECT 1')).rejects.toThrow();
  await expect(session(open).connect()).rejects.toThrow();
});

test('a session that is in the midst of a statement is left over, by the port by which Postgres knows it', async () => {
  const open = await gate('open');
  const busy = session(open);
  await busy.connect();
  const asked = busy.query('SELECT pg_sleep(60)').catch(() => 'ended');
  const port = open.sessions[0]?.toPostgres ?? 0;
  const isAsleep = async () =>
    (await admin("SELECT FROM pg_stat_activity WHERE client_port = $1 AND state = 'active'", [port])).rowCount ||
    undefined;
  await poll(isAsleep, { timeout: 10_000, interval: 10 });
  expect(await open.cut(20)).toEqual([port]);
  expect(await asked).toBe('ended');
  await admin('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE client_port = $1', [port]);
  expect(await open.cut(5_000)).toEqual([]);
  expect(await backends([port])).toBe(0);
});

test('what waits at a gate that is cut, or was never opened, is refused and never reaches Postgres', async () => {
  const held = await gate('held');
  const waiting = session(held).connect();
  const refused = expect(waiting).rejects.toThrow();
  await once(
    connect(held.port, '127.0.0.1').on('error', () => {}),
    'connect',
  );
  expect(await held.cut(1_000)).toEqual([]);
  await refused;
});

test('a connection that has gone while it waited is not led on; a cut gate keeps its port until it is closed', async () => {
  const held = await gate('held');
  const gone = connect(held.port, '127.0.0.1');
  await once(gone, 'connect');
  gone.end('what was to be asked');
  await once(gone.resume(), 'close');
  held.open();
  expect(held.sessions).toEqual([]);

  const { port } = held;
  const listens = async () => {
    const other = createServer().listen(port, '127.0.0.1');
    const came = await once(other, 'listening').then(
      () => 'listens',
      ({ code }) => code,
    );
    other.close();
    return came;
  };
  await held.cut(1_000);
  expect(await listens()).toBe('EADDRINUSE');
  held.close();
  await expect.poll(listens).toBe('listens');
});

test('an end on one side is an end on the other, which may still answer; a slow reader holds up its writer', async () => {
  const bytes = 64 * 1024 * 1024;
  let written = 0;
  const slow = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => {});
    socket.resume().once('end', () => {
      const write = (): void => {
        while (written < bytes && socket.write(Buffer.alloc(65_536))) written += 65_536;
        if (written < bytes) socket.once('drain', write);
        else socket.end();
      };
      write();
    });
  });
  await new Promise<void>((resolve) => slow.listen(0, '127.0.0.1', resolve));
  const target = { host: '127.0.0.1', port: (slow.address() as AddressInfo).port };
  const open = await Gate.listen(target, 'open');
  gates.push(open);
  const client = connect({ port: open.port, host: '127.0.0.1', allowHalfOpen: true }).pause();
  client.end('that is all');
  await expect.poll(() => written).toBeGreaterThan(0);
  let last = -1;
  const isHeldUp = () => {
    const isSame = written === last;
    last = written;
    return isSame || undefined;
  };
  expect(await poll(isHeldUp, { timeout: 10_000, interval: 200 })).toBe(true);
  expect(written).toBeLessThan(bytes / 2);
  let received = 0;
  client.on('data', (chunk) => {
    received += chunk.length;
  });
  client.resume();
  await once(client, 'end');
  expect(received).toBeGreaterThanOrEqual(bytes);
  slow.close();
});
