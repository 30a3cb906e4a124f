// A rewind waits until the application's sessions that write have been quiet.
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import type { Control } from './control.ts';
import { mark } from './mark.ts';
import { QuietWait } from './quiet.ts';
import { rewind } from './rewind.ts';
import { expect, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const SCHEMA = 'CREATE TABLE note (id int, text text)';

async function count(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ count: number }>('SELECT count(*)::int FROM note');
  return rows[0]?.count ?? -1;
}

onEachMajor((major) => {
  test(`what a session writes within the time that it is to be quiet is undone with the rest on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query('INSERT INTO note VALUES (1)');
    const late = delay(60).then(() => app.query('INSERT INTO note VALUES (2)'));
    const { tables, heard } = await rewind(control, start, { quiet: { quiet: 250, most: 2000 } });
    await late;
    expect(tables).toEqual([{ table: 'public.note', deleted: 2, inserted: 0 }]);
    expect(heard.ranOut).toBe(false);
    expect(heard.silence).toBeGreaterThan(40);
    expect(heard.wrote).toBe(true);
    expect(await count(app)).toBe(0);
  });

  test(`sessions that only read, and those of ours, are not waited for on ${major}`, async ({ testDatabase }) => {
    const { app, control, connect } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    const [reader, ours] = [await connect(), await connect()];
    await ours.query("SET application_name = 'playwright-stacks worker: db'");
    await ours.query('INSERT INTO note VALUES (1)');
    await count(reader);
    await count(app);
    const { tables, heard } = await rewind(control, start, { quiet: { quiet: 5000, most: 5000 } });
    expect(tables).toEqual([{ table: 'public.note', deleted: 1, inserted: 0 }]);
    expect(heard).toEqual({ waited: 0, ranOut: false, silence: 0, wrote: false, last: undefined });
  });

  test(`a session that has written before is waited for when it reads, until the time is over, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query('INSERT INTO note VALUES (1)');
    await rewind(control, start, { quiet: { quiet: 300, most: 3000 } });
    await count(app);
    const { heard } = await rewind(control, start, { quiet: { quiet: 5000, most: 60 } });
    expect(heard.ranOut).toBe(true);
    expect(heard.wrote).toBe(false);
    expect(heard.last).toBeDefined();
  });

  test(`what is written while the time runs out is heard, and was of use, on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query('INSERT INTO note VALUES (0)');
    let isOver = false;
    const writing = (async () => {
      for (let id = 1; !isOver; id += 1) {
        await app.query('INSERT INTO note VALUES ($1)', [id]);
        await delay(10);
      }
    })();
    const { heard } = await rewind(control, start, { quiet: { quiet: 300, most: 300 } });
    isOver = true;
    await writing;
    expect(heard).toMatchObject({ ranOut: true, wrote: true });
  });

  test(`a look that takes long is no silence of the application on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    await mark(control);
    await app.query('INSERT INTO note VALUES (1), (2)');
    await control.query('BEGIN');
    const look =
      'SELECT h.ago, h.rows, cardinality(h.writers) AS writers FROM seen, playwright_stacks.heard(NULL, seen.at) h';
    await control.query('CREATE TEMPORARY TABLE seen AS SELECT clock_timestamp() AS at');
    const { rows: first } = await control.query(look);
    await control.query('SELECT pg_sleep(0.05)');
    const { rows: second } = await control.query(look);
    await control.query('ROLLBACK');
    expect(second).toEqual(first);
    expect(first).toEqual([{ ago: expect.any(Number), rows: '2', writers: 1 }]);
  });
});

/** Of an application that was seen to have done something `ago` milliseconds before each of these looks. */
function silenceOf(interval: number, looks: readonly [asked: number, ago: number][]): number {
  const wait = new QuietWait({} as Control, { quiet: 250, most: 250, interval });
  for (const [asked, ago] of looks) wait.note({ writers: [1], ago, rows: 1 }, asked);
  return wait.heard.silence;
}

test('only what was silent at a look, and the interval after it, counts as a silence', () => {
  const slowLooks: [number, number][] = [0, 45, 90, 135].map((asked) => [asked, asked % 5]);
  expect(silenceOf(10, slowLooks)).toBeLessThanOrEqual(15);
  expect(silenceOf(10, [...slowLooks, [180, 45], [225, 30]])).toBe(55);
  const fastLooks: [number, number][] = [0, 11, 22, 33, 44].map((asked) => [asked, asked]);
  expect(silenceOf(10, [...fastLooks, [55, 3]])).toBe(52);
});

test('who is quiet at the look that comes when the time is over was quiet in time, however late the look', async () => {
  const wait = new QuietWait({} as Control, { quiet: 20, most: 20 });
  await wait.wait({ writers: [1], ago: 0, rows: 1 }, performance.now());
  await delay(20);
  expect([wait.heard.ranOut, wait.asked]).toEqual([false, [20, [1]]]);
  await wait.wait({ writers: [1], ago: 5, rows: 1 }, performance.now());
  expect([wait.heard.ranOut, wait.asked]).toEqual([true, [0, [1]]]);
});

test('looks are of the time after which the rewind goes on, and what others are waited for is not', async () => {
  const asked = performance.now();
  const heard = { writers: [1], ago: 0, rows: 1 };
  const wait = new QuietWait({} as Control, { quiet: 5, most: 1_000 });
  await wait.wait(heard, asked);
  await delay(50); // a look
  await wait.wait(heard, asked);
  expect(wait.heard.waited).toBeGreaterThan(55);
  const { waited } = wait.heard;
  wait.putOff(waited + 10_000);
  await wait.wait(heard, asked);
  expect(wait.heard.ranOut).toBe(false);
  wait.putOff(-20_000);
  await wait.wait(heard, asked);
  expect(wait.heard.ranOut).toBe(true);
  expect(wait.asked).toEqual([0, [1]]);
});

test('who looks for late rows hears when they were written, without a wait', async ({ testDatabase }) => {
  const { app, control } = await testDatabase('18', SCHEMA);
  const start = await mark(control);
  const ask = { quiet: { quiet: 0, most: 0 } };
  expect((await rewind(control, start, ask)).heard.last).toBeUndefined();
  const began = performance.now();
  await app.query('INSERT INTO note VALUES (1)');
  await delay(200);
  const called = performance.now();
  const { heard } = await rewind(control, start, ask);
  expect(heard.waited).toBe(0);
  expect(heard.last).toBeGreaterThan(began - 1);
  expect(heard.last).toBeLessThan(called);
});
