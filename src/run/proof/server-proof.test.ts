import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@playwright/test';
import pg from 'pg';
import { inheritedDatabases } from '../../config/inherited-databases.ts';
import { Events, type StacksEvent } from '../../events.ts';
import { connect, withClient } from '../../postgres/client/connection.ts';
import type { EmbeddedServer } from '../../postgres/embedded/embedded-server.ts';
import { listProcesses } from '../../process/processes.ts';
import type { AppServer } from '../../server/app-server.ts';
import { newTestBed, type TestBed } from '../../testing/postgres.ts';
import { DatabaseConnections } from './connected-to.ts';
import { countSessions, otherSessions } from './other-sessions.ts';
import { ServerProof } from './server-proof.ts';
import { TestsProof } from './tests-proof.ts';

let testBed: TestBed;
/** The run's server, and the developer's. */
let ours: EmbeddedServer;
let theirs: EmbeddedServer;
const running: ChildProcess[] = [];
test.beforeAll(async () => {
  testBed = await newTestBed();
  [ours, theirs] = await Promise.all([testBed.start(), testBed.start()]);
  for (const name of ['stk_1', 'stk_2']) {
    await withClient(ours.connect({ purpose: 'test' }), (client) => client.query(`CREATE DATABASE ${name}`));
  }
});
test.afterAll(() => testBed.lifetime.close());
test.afterEach(async () => {
  for (const child of running.splice(0)) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
});

/** An app server that has a session on each of `urls`. */
async function server(...urls: readonly string[]): Promise<AppServer> {
  const source = `
    const pg = require('pg');
    Promise.all(${JSON.stringify(urls)}.map((url) => new pg.Client(url).connect())).then(() => process.stdout.write('on'));
    setInterval(() => {}, 1000);
  `;
  const cwd = fileURLToPath(new URL('../../..', import.meta.url));
  const child = spawn(process.execPath, ['-e', source], { cwd, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  await once(child.stdout, 'data');
  return { name: 'web', members: () => listProcesses().filter(({ pid }) => pid === child.pid) } as unknown as AppServer;
}

const info = {
  slot: 1,
  variant: 'default',
  databases: [{ database: 'stk_1' }],
  env: { DATABASE_URL: 'x', POSTGRES_URL: 'x' },
};

function proof(database?: 'none', environment: Record<string, string> = {}, allowed: readonly string[] = []) {
  const plan = {
    variant: { servers: [{ name: 'web', command: 'npm start', database }] },
    info,
    ports: { web: 24_000 },
  } as unknown as ConstructorParameters<typeof ServerProof>[0];
  const inherited = inheritedDatabases(environment, [], '/');
  const connections = new DatabaseConnections(ours, {
    development: undefined,
    inherited,
    taken: [],
    named: [],
    allowed,
  });
  const events = new Events();
  const emitted: StacksEvent[] = [];
  events.on((event) => emitted.push(event));
  const tests = new TestsProof(plan.info, connections, events);
  return { proof: new ServerProof(plan, connections, events), tests, emitted };
}

const own = () => ours.urlFor('stk_1');
const theirUrl = () => theirs.urlFor('postgres', 'superuser');

test('a server with a session on its slot’s database is proved, and not looked at again', async () => {
  const { proof: proved } = proof();
  expect(proved.isDone).toBe(false);
  await proved.look([await server(own())]);
  expect(proved.isDone).toBe(true);
  await proved.look([await server(theirUrl())]);
});

test('a server without any Postgres is no error, and stays to be proved', async () => {
  const { proof: open } = proof();
  await open.look([await server()]);
  expect(open.isDone).toBe(false);
  expect(proof('none').proof.isDone).toBe(true);
});

test('a server on the developer’s database is told with the variable that names it', async () => {
  const { proof: open } = proof(undefined, { PRIVATE_DB: theirUrl() });
  await expect(open.look([await server(theirUrl())])).rejects.toThrow(
    [
      'DATABASE_UNUSED: server "web" of slot 1 is on another database, and not on its slot’s.',
      '  variables given  DATABASE_URL, POSTGRES_URL',
      `  connected to     127.0.0.1:${theirs.port}, which PRIVATE_DB names (environment)`,
      '  hint: let it read one of these variables, or name the one that it reads in `database.env`. Where it is to reach another database: allowDatabases:',
    ].join('\n'),
  );
  const { proof: allowed } = proof(undefined, { PRIVATE_DB: theirUrl() }, ['PRIVATE_DB']);
  await allowed.look([await server(theirUrl())]);
});

test('a server on another slot’s database is told that one’s name', async () => {
  await expect(proof().proof.look([await server(ours.urlFor('stk_2'))])).rejects.toThrow(
    `127.0.0.1:${ours.port}/stk_2`,
  );
});

test('a server that is also on another Postgres is proved, with a warning', async () => {
  const { proof: both, emitted } = proof();
  await both.look([await server(own(), theirUrl())]);
  expect(both.isDone).toBe(true);
  expect(emitted).toMatchObject([
    { type: 'database-used', slot: 1, server: 'web' },
    { type: 'also-connected', server: 'web', to: [`127.0.0.1:${theirs.port}`] },
  ]);
});

test('tests on the developer’s database are told; beside their own it is a warning, once', async () => {
  const theirPort = { address: '127.0.0.1', port: theirs.port, localPort: 0 };
  const ofOurs = { address: '127.0.0.1', port: ours.port, localPort: 0 };
  await expect(proof().tests.look([ofOurs, theirPort])).rejects.toThrow(
    [
      'DATABASE_UNUSED: the tests of slot 1 are on another database, and not on its slot’s.',
      '  variables given  DATABASE_URL, POSTGRES_URL',
      `  connected to     127.0.0.1:${theirs.port}\n`,
    ].join('\n'),
  );
  const both = proof();
  const client = await connect({ connectionString: own() }, 'ours', { purpose: 'x', name: 'a helper' });
  const localPort = Number(
    Reflect.get(Object(Reflect.get(Object(Reflect.get(client, 'connection')), 'stream')), 'localPort'),
  );
  await both.tests.look([{ ...ofOurs, localPort }, theirPort]);
  await both.tests.look([theirPort]);
  expect(both.emitted).toMatchObject([{ type: 'also-connected', slot: 1, to: [`127.0.0.1:${theirs.port}`] }]);
  await client.end();
});

test('whether anybody but us was on a database is known of sessions that have ended, too', async () => {
  const ofOurs = () => withClient(ours.connect({ purpose: 'test', database: 'stk_1' }), async () => {});
  await ofOurs();
  const before = await countSessions(ours, ['stk_1']);
  await ofOurs();
  expect(await otherSessions(ours, ['stk_1'], before, 0)).toBe('none');
  const client = new pg.Client(own());
  await client.connect();
  expect(await otherSessions(ours, ['stk_1'], before, 0)).toBe('some');
  await client.end();
  expect(await otherSessions(ours, ['stk_1'], before, 0)).toBe('some');
  // It was a session of a worker's.
  expect(await otherSessions(ours, ['stk_1'], before, 1)).toBe('none');
});

test('a server that counts no sessions, as before Postgres 14, is not asked', async () => {
  const connect = () => Promise.reject(new Error('it was asked'));
  const older = { versionNumber: 130_023, connect } as unknown as EmbeddedServer;
  const before = await countSessions(older, ['stk_1']);
  expect(before.all).toBe(0);
  expect(await otherSessions(older, ['stk_1'], before, 0)).toBe('unknown');
});
