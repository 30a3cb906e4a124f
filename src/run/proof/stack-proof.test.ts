import { expect, test } from '@playwright/test';
import { Events, type StacksEvent } from '../../events.ts';
import { withClient } from '../../postgres/client/connection.ts';
import type { EmbeddedServer } from '../../postgres/embedded/embedded-server.ts';
import { newTestBed, type TestBed } from '../../testing/postgres.ts';
import { DatabaseConnections } from './connected-to.ts';
import { StackProof } from './stack-proof.ts';

let testBed: TestBed;
let server: EmbeddedServer;
test.beforeAll(async () => {
  testBed = await newTestBed();
  server = await testBed.start();
});
test.afterAll(() => testBed.lifetime.close());

const inDatabase = (sql: string, database?: string) =>
  withClient(server.connect({ purpose: 'test', ...(database && { database }) }), (client) => client.query(sql));

/** What is said of a stack with `database` whose servers are ready after `boot`. */
async function saidAfter(boot: string, database: object, isDatabaseMeant = true): Promise<string[]> {
  await inDatabase('DROP DATABASE IF EXISTS stk_1');
  await inDatabase('CREATE DATABASE stk_1');
  const databaseUrl = server.urlFor('stk_1');
  const info = { slot: 0, variant: 'default', databases: [{ database: 'stk_1' }], databaseUrl, env: {} };
  const none = { development: undefined, inherited: [], taken: [], named: [], allowed: [] };
  const connections = new DatabaseConnections(server, none);
  const events = new Events();
  const emitted: StacksEvent[] = [];
  events.on((event) => emitted.push(event));
  const servers = [{ name: 'web', command: 'npm start', database: undefined }];
  const proof = new StackProof(
    { variant: { servers, database, isDatabaseMeant }, info, ports: {} } as unknown as ConstructorParameters<
      typeof StackProof
    >[0],
    { postgres: server, connections } as unknown as ConstructorParameters<typeof StackProof>[1],
    events,
  );
  await proof.begin();
  await inDatabase(boot, 'stk_1');
  await proof.look([]);
  return emitted.map(({ type }) => type);
}

test('an application that is to migrate when it starts, and has left its database empty, is said', async () => {
  expect(await saidAfter('SELECT 1', {})).toEqual(['database-untouched']);
  expect(await saidAfter('CREATE TABLE public.items ()', {})).toEqual([]);
});

test('where steps have made what is there, or nothing is to be there, emptiness is no reason for a line', async () => {
  for (const database of [{ migrate: {} }, { seed: {} }, { empty: true }]) {
    expect(await saidAfter('SELECT 1', database)).toEqual([]);
  }
  expect(await saidAfter('SELECT 1', {}, false)).toEqual([]);
});
