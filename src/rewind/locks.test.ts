// A rewind among others that lock what it writes to.
import { rowsOf } from './client.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

onEachMajor((major) => {
  test(`short transactions that lock tables in an order of their own let a rewind through on ${major}`, async ({
    testDatabase,
  }) => {
    const schema = [1, 2, 3, 4].map(
      (n) =>
        `CREATE TABLE t${n} (id int PRIMARY KEY, v int); INSERT INTO t${n} SELECT g, 1 FROM generate_series(1, 9) g`,
    );
    const { app, connect, control, untouched } = await testDatabase(major, schema.join(';'));
    const start = await mark(control);
    const resting = new AbortController();
    const work = Promise.all(
      [1, 2, 3, 4, 5, 6, 7, 8].map(async (own) => {
        const writer = await connect();
        const updates = [4, 2, 3].map((n) => `UPDATE t${n} SET v = v + 1 WHERE id = ${own}`);
        while (!resting.signal.aborted)
          for (const sql of ['BEGIN', ...updates, 'UPDATE t1 SET v = v + 1 WHERE id = 1', 'COMMIT'])
            await writer.query(sql);
      }),
    );
    work.catch(() => {}); // Awaited below.
    try {
      for (let i = 0; i < 3; i++) await rewind(control, start, { active: 5, writing: 900 });
    } finally {
      resting.abort();
      await work;
    }
    await rewind(control, start);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
  });

  test(`who keeps a lock on what was written is named, with the statement without its values, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, connect, control } = await testDatabase(
      major,
      `CREATE TABLE t (id int PRIMARY KEY, v int); CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
       CREATE TRIGGER a BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f()`,
      'weak',
    );
    const start = await mark(control);
    await app.query('INSERT INTO t VALUES (1, 1)');
    const holder = await connect('weak');
    const [session] = await rowsOf<{ pid: number }>(holder, 'SELECT pg_backend_pid() AS pid');
    await holder.query("SET application_name = 'worker'");
    // The 201st character is in a literal.
    await holder.query(`BEGIN; UPDATE t SET v = 0 WHERE id = 7 AND '${'x'.repeat(300)}' <> 'y' -- z`);
    await expect(rewind(control, start)).rejects.toThrow(
      `other sessions keep a lock on what was written: pid ${session?.pid}, weak, worker, idle in transaction: BEGIN; UPDATE t SET v = '***' WHERE id = '***' AND '***' <> '***'.`,
    );
    await holder.query('COMMIT');
    await rewind(control, start);
  });
});
