// Rows so large that to record them, or to undo them, would take more memory than a session should: a fresh clone is cheaper.
import { changes, firstChanges } from './changes.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const SCHEMA =
  'CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE small (id int); CREATE TABLE p (id int, v text) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1)';
const refused = (why: string) => ({ code: 'REWIND_IMPOSSIBLE', reason: 'capture', why });

onEachMajor((major) => {
  for (const [what, write, table] of [
    ['inserted', `INSERT INTO t VALUES (1, repeat('x', 140000000))`, 't'],
    ['inserted into a partition', `INSERT INTO p VALUES (1, repeat('x', 140000000))`, 'p1'],
    ['truncated', 'TRUNCATE t', 't'],
  ] as const) {
    test(`a row of 140 MB that is ${what} costs a fresh clone on ${major} @matrix`, async ({ testDatabase }) => {
      const { app, control } = await testDatabase(major, SCHEMA);
      if (what === 'truncated') await app.query(`INSERT INTO t VALUES (1, repeat('x', 140000000))`);
      const start = await mark(control);
      await app.query(write);
      const { rows } = await app.query('SELECT max(octet_length(img)) AS longest FROM playwright_stacks.log');
      expect(rows).toEqual([{ longest: 0 }]);
      await expect(rewind(control, start)).rejects.toMatchObject(
        refused(`a row of public.${table} is larger than 128 MB`),
      );
    });
  }

  test(`a test that writes two rows of 600 MB, or five of 60 MB, ends no session, on ${major} @matrix`, async ({
    testDatabase,
  }) => {
    test.setTimeout(900_000);
    for (const [rows, megabytes, why] of [
      [2, 600, 'a row of public.t is larger than 128 MB'],
      [5, 60, 'rows of more than 256 MB were written'],
    ] as const) {
      const { app, control } = await testDatabase(major, SCHEMA);
      const start = await mark(control);
      for (let id = 0; id < rows; id++)
        await app.query(`INSERT INTO t VALUES (${id}, repeat('x', ${megabytes}000000))`);
      await app.query('INSERT INTO small VALUES (1)');
      const most = { rows: 500, characters: 1000 };
      await expect(firstChanges(control, start, most)).rejects.toMatchObject(refused(why));
      await expect(changes(control, start)).rejects.toMatchObject(refused(why));
      await expect(rewind(control, start)).rejects.toMatchObject(refused(why));
      const left = 'SELECT (SELECT count(*)::int FROM t) AS large, (SELECT count(*)::int FROM small) AS small';
      expect((await app.query(left)).rows).toEqual([{ large: rows, small: 1 }]);
      await control.query('SELECT');
    }
  });
});
