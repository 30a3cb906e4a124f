import { expect, test } from '@playwright/test';
import pg from 'pg';
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

/** The proof of a stack with `database`, and what it has said. */
async function proofOf(database: object, isDatabaseMeant = true) {
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
  return { proof, said: () => emitted.map(({ type }) => type) };
}

/** What is said of it when its servers are ready after `boot`. */
async function saidAfter(boot: string, database: object, isDatabaseMeant = true): Promise<string[]> {
  const { proof, said } = await proofOf(database, isDatabaseMeant);
  await proof.begin();
  await inDatabase(boot, 'stk_1');
  await proof.look([]);
  return said();
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

test('whether others than us were on the databases is counted; where they were made anew it is not provable', async () => {
  const { proof } = await proofOf({});
  await proof.begin();
  expect(await proof.used()).toBe(undefined); // no test has run
  await proof.endOfTest(1, { connections: [], sessions: 0 }, []);
  expect(await proof.used()).toBe('none');
  const application = new pg.Client(server.urlFor('stk_1'));
  await application.connect();
  expect(await proof.used()).toBe('some');
  await application.end();
  // It has ended with its request, as those of some applications do.
  await expect.poll(() => proof.used()).toBe('some');
  await proof.begin();
  expect(await proof.used()).toBe('unknown');
});
