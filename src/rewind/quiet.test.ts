// A rewind waits until the application's sessions that write have been quiet.
import { setTimeout as delay } from 'node:timers/promises';
import type pg from 'pg';
import { mark } from './mark.ts';
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
