// Marks and rewinds while others are at work: open transactions, late ones, prepared ones, locks.
import type pg from 'pg';
import { StacksError } from '../errors.ts';
import { changes } from './changes.ts';
import { rowsOf } from './client.ts';
import { openControl } from './control.ts';
import { fence } from './fence.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';
import { tidy } from './tidy.ts';

const SCHEMA = `CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g; CREATE TABLE log (id bigserial, what text)`;

onEachMajor((major) => {
  test(`a transaction that is open at the mark belongs to what follows on ${major}`, async ({ testDatabase }) => {
    const { app, connect, control, untouched } = await testDatabase(major, SCHEMA);
    const late = await connect();
    await late.query('BEGIN; UPDATE t SET v = 100 WHERE id = 1');
    const start = await mark(control);
    await app.query('UPDATE t SET v = 200 WHERE id = 2');
    await late.query('COMMIT');
    const { tables } = await rewind(control, start);
    expect(tables).toEqual([{ table: 'public.t', deleted: 2, inserted: 2 }]);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
  });

  test(`a mark waits for whoever keeps a sequence for himself on ${major}`, async ({ testDatabase }) => {
    const { app, control, untouched } = await testDatabase(major, SCHEMA);
    await app.query('BEGIN; TRUNCATE t; TRUNCATE log RESTART IDENTITY');
    const marked = mark(control);
    const waiting = `SELECT FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`;
    await expect.poll(async () => (await app.query(waiting)).rowCount).toBe(1);
    await app.query('ROLLBACK');
    const start = await marked;
    await app.query("INSERT INTO log (what) VALUES ('x')");
    await rewind(control, start);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
  });

  test(`rewind waits for a transaction that ends in time, and keeps its connection on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control, untouched } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query(`BEGIN; INSERT INTO log (what) VALUES ('x')`);
    const rewound = rewind(control, start, { writing: 20_000 });
    await app.query('SELECT pg_sleep(0.1)');
    await app.query('COMMIT');
    const { ended, waited, tables } = await rewound;
    expect({ ended, tables }).toEqual({ ended: [], tables: [{ table: 'public.log', deleted: 1, inserted: 0 }] });
    expect(waited).toBeGreaterThan(50);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
  });

  test(`a rewind that takes longer than a statement of ours may is given up, and changes nothing, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query('INSERT INTO t SELECT g, g FROM generate_series(10, 100000) g');
    await control.query('SET statement_timeout = 20');
    await expect(rewind(control, start)).rejects.toMatchObject({ code: 'REWIND_IMPOSSIBLE', reason: 'check' });
    expect((await app.query('SELECT count(*)::int FROM t')).rows).toEqual([{ count: 100_000 }]);
  });

  test(`a transaction that has written and does not end is named or ended on ${major}`, async ({ testDatabase }) => {
    const { app, connect, control, untouched } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query('BEGIN; DELETE FROM t');
    const refused = await rewind(control, start, { writing: 20, lastResort: 'fail' }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(StacksError);
    expect((refused as StacksError).message).toMatch(
      /^REWIND_BUSY: 1 transactions .*\n {2}pid \d+ {2}postgres, idle in transaction, BEGIN; DELETE FROM t\n/,
    );
    const { ended } = await rewind(control, start, { writing: 20 });
    expect(ended).toMatchObject([{ kind: 'writing', state: 'idle in transaction', query: 'BEGIN; DELETE FROM t' }]);
    expect(await stateOf(await connect())).toEqual(await stateOf(untouched));
  });

  test(`what transactions of a database are by default does not bind a control connection on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, connect, untouched } = await testDatabase(major, SCHEMA);
    await app.query(`DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET default_transaction_isolation = serializable', current_database());
      EXECUTE format('ALTER DATABASE %I SET default_transaction_read_only = on', current_database()); END $$`);
    const control = await openControl(await connect());
    const start = await mark(control);
    await app.query('DELETE FROM t');
    await rewind(control, start);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
    expect((await control.query('SHOW transaction_isolation')).rows).toEqual([
      { transaction_isolation: 'read committed' },
    ]);
  });

  test(`a transaction that has written in a session that is not tracked is waited for on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query('SET track_activities = off; BEGIN; DELETE FROM t');
    const ending = rewind(control, start, { lastResort: 'fail', writing: 30 });
    await expect(ending).rejects.toMatchObject({ code: 'REWIND_BUSY' });
  });

  test(`a prepared transaction is waited for, then rolled back on ${major}`, async ({ testDatabase }) => {
    const { app, control, untouched } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    for (const statement of ['BEGIN', 'DELETE FROM t', `PREPARE TRANSACTION 'it''s'`]) await app.query(statement);
    expect((await fence(control, { writing: 0 })).blockers).toMatchObject([{ kind: 'prepared', gid: "it's" }]);
    const { ended } = await rewind(control, start, { writing: 20 });
    expect(ended).toMatchObject([{ kind: 'prepared', gid: "it's" }]);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
  });

  test(`a transaction that only read is left alone, and what it writes later is undone on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control, untouched } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT * FROM t');
    expect(await rewind(control, start)).toMatchObject({ ended: [], tables: [] });
    await app.query('UPDATE t SET v = 0 WHERE id = 3; COMMIT');
    expect((await rewind(control, start)).tables).toEqual([{ table: 'public.t', deleted: 1, inserted: 1 }]);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
  });

  test(`a statement that only reads is waited for no longer than told on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    const reading = app.query('SELECT pg_sleep(60)').catch((error: Error) => error.message);
    await expect.poll(async () => (await rowsOf(control, `SELECT * FROM playwright_stacks.busy('{}')`)).length).toBe(1);
    const { waited, ended } = await rewind(control, start, { active: 100 });
    expect(ended).toEqual([]);
    expect(waited).toBeGreaterThan(99);
    expect(await rowsOf(control, `SELECT * FROM playwright_stacks.busy('{}')`)).toHaveLength(1);
    await control.query(`SELECT pg_cancel_backend(pid) FROM playwright_stacks.busy('{}')`);
    expect(await reading).toContain('canceling');
  });

  test(`a table lock without a write ends its holder, never the application's waiting on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, connect, control, untouched } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query('DELETE FROM t WHERE id = 1');
    const holder = await connect();
    await holder.query('BEGIN; LOCK TABLE t IN SHARE MODE');
    const { ended } = await rewind(control, start);
    expect(ended).toMatchObject([{ query: 'BEGIN; LOCK TABLE t IN SHARE MODE' }]);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
  });

  test(`writers that never rest cannot leave anything behind on ${major}`, async ({ testDatabase }) => {
    const { app, connect, control, untouched } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    const resting = new AbortController();
    const writers = await Promise.all([1, 2, 3, 4].map(() => connect()));
    const work = Promise.all(writers.map((writer, n) => keepWriting(writer, n, resting.signal)));
    work.catch(() => {}); // Awaited below.
    try {
      for (let i = 0; i < 10; i++)
        expect((await rewind(control, start, { active: 5, writing: 600 })).ended).toEqual([]);
    } finally {
      resting.abort();
      await work;
    }
    await rewind(control, start);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
  });

  test(`going back ends later marks; two control connections take turns on ${major}`, async ({ testDatabase }) => {
    const { app, connect, control } = await testDatabase(major, SCHEMA);
    const first = await mark(control);
    await app.query('UPDATE t SET v = 1');
    const second = await mark(control);
    await app.query('UPDATE t SET v = 2');
    const another = await openControl(await connect());
    await Promise.all([rewind(control, second, { ours: [] }), rewind(another, second)]);
    expect((await app.query('SELECT DISTINCT v FROM t')).rows).toEqual([{ v: 1 }]);
    await rewind(another, first);
    expect((await app.query('SELECT sum(v)::int AS v FROM t')).rows).toEqual([{ v: 45 }]);
    await expect(rewind(control, second)).rejects.toThrow(
      `MARK_UNKNOWN: mark ${second} does not exist: the database was rewound to an earlier one.`,
    );
    await app.query('UPDATE t SET v = 3');
    const third = await mark(control);
    await expect(rewind(control, second), 'no later mark is taken for it').rejects.toThrow('MARK_UNKNOWN');
    await rewind(control, third);
  });

  test(`what was written before a mark is kept apart, and undone with an earlier one, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control, untouched } = await testDatabase(major, SCHEMA);
    const opening = await mark(control);
    await app.query('INSERT INTO t SELECT g, g FROM generate_series(100, 999) g; UPDATE t SET v = 0 WHERE id = 5');
    const prelude = await mark(control);
    expect(await rowsOf(control, 'SELECT FROM playwright_stacks.log')).toEqual([]);
    const after = await stateOf(app);
    await app.query('UPDATE t SET v = 1 WHERE id < 200');
    expect(await changes(control, opening)).toHaveLength(908);
    expect(await changes(control, prelude)).toHaveLength(108);
    await rewind(control, prelude);
    expect(await stateOf(app)).toEqual(after);
    await tidy(control);
    await app.query('DELETE FROM t');
    await rewind(control, opening);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
  });
});

// Ends with the first failure: a client that was ended fails at once, for ever, and would leave no time to anything else.
async function keepWriting(writer: pg.Client, n: number, resting: AbortSignal): Promise<void> {
  for (let i = 0; !resting.aborted && i < 50_000; i++) {
    const program = [
      `BEGIN; UPDATE t SET v = v + 1 WHERE id = ${(i % 9) + 1}; INSERT INTO log (what) VALUES ('a'); COMMIT`,
      `INSERT INTO t VALUES (${100_000 * (n + 1) + i}, 1)`,
      `DELETE FROM t WHERE id = ${(i % 9) + 1}`,
      `BEGIN; DELETE FROM log; INSERT INTO t VALUES (${(i % 9) + 1}, 5) ON CONFLICT (id) DO UPDATE SET v = 9; ROLLBACK`,
    ];
    await writer.query(program[i % 4] ?? '');
  }
}
