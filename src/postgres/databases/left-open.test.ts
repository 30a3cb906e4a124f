// Connections that code of the user's keeps open in this process, when their database goes.
import { expect, test } from '@playwright/test';
import pg from 'pg';
import { newTestBed, type TestBed } from '../../testing/postgres.ts';
import { guardLeftOpen, nameLeftOpen, onLoss } from '../client/left-open.ts';
import { endSessions } from './drop.ts';

let testBed: TestBed;
test.beforeEach(async () => {
  testBed = await newTestBed();
});
test.afterEach(() => testBed.lifetime.close());

/** A pool whose connection is idle; never closed by itself. */
async function idlePool(connectionString: string): Promise<pg.Pool> {
  const pool = new pg.Pool({ connectionString, idleTimeoutMillis: 0 });
  await pool.query('SELECT 1');
  return pool;
}

test('no listener of theirs hears that their connections are ended, pools connect anew, and who it was is told', async () => {
  const server = await testBed.start();
  const admin = await server.connect({ purpose: 'test' });
  await admin.query(`CREATE DATABASE left_open OWNER ${server.owner}`);
  const { rows: found } = await admin.query("SELECT oid::text FROM pg_database WHERE datname = 'left_open'");
  const url = server.urlFor('left_open');
  const reported: (string | undefined)[] = [];
  const heard: string[] = [];
  const hear = onLoss((owner) => reported.push(owner));

  // Without listeners an 'error' would be an uncaught exception, and fail this test.
  const silent = await idlePool(url);
  const client = new pg.Client(url);
  await client.connect();
  nameLeftOpen(server.port, 'the seed');
  const loud = await idlePool(url);
  loud.on('error', ({ message }) => heard.push(message));

  expect(await endSessions(admin, found[0].oid, 5_000)).toBe(true);
  await expect.poll(() => reported.sort()).toEqual(['the seed', 'the seed', undefined]);
  for (const pool of [silent, loud]) expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  await expect(client.query('SELECT 1')).rejects.toThrow();
  expect(reported).toHaveLength(3); // once of each, though a client says it twice
  expect(heard).toEqual([]);

  // What we do not end is reported as ever.
  const { rows } = await loud.query('SELECT pg_backend_pid() AS pid');
  await admin.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
  await expect.poll(() => heard).toEqual(['terminating connection due to administrator command']);

  await Promise.all([silent.end(), loud.end(), admin.end()]);
  hear();
});

test('an embedded server that stops takes nobody with it, and waits until all have noticed', async () => {
  const server = await testBed.start();
  const reported: (string | undefined)[] = [];
  const hear = onLoss((owner) => reported.push(owner));
  const pool = await idlePool(server.urlFor('postgres', 'superuser'));
  await server.close();
  expect(reported).toEqual([undefined]);
  hear();
  await pool.end();
  guardLeftOpen(server.port); // nobody is connected: nothing to do
});
