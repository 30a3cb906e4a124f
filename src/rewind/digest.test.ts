// The digest of the catalog: it is no false alarm, and it is worked out only where the catalog was written to. What it notices is in
// every-change.test.ts.
import { rowsOf } from './client.ts';
import { openControl } from './control.ts';
import { installCapture } from './install.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';
import { HARMLESS, SCHEMA } from './testing/noticed-schema.ts';

onEachMajor((major) => {
  test(`without event triggers what changes nothing is no false alarm on ${major}`, async ({ testDatabase }) => {
    const { app, connect } = await testDatabase(major, SCHEMA);
    const another = await connect();
    await another.query('SET client_min_messages = warning; DROP SCHEMA playwright_stacks CASCADE');
    await installCapture(another, { eventTriggers: false });
    const control = await openControl(another);
    const opening = await mark(control);
    for (const statement of HARMLESS.join('; ').split('; ')) await app.query(statement);
    await rewind(control, opening);
  });

  test(`without event triggers the catalog is read as a whole only where rows of it are others on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control } = await testDatabase(major, 'CREATE TABLE t (id int PRIMARY KEY, v int)', 'weak');
    const looked = async () => (await rowsOf<{ at: string }>(control, 'SELECT at FROM playwright_stacks.look'))[0]?.at;
    const start = await mark(control);
    let before = await looked();
    for (const [write, again] of [
      ['UPDATE t SET v = 0', false],
      ['ANALYZE; VACUUM t', false],
      ['TRUNCATE t', true],
      ['DELETE FROM t', false],
      ['CREATE TEMP TABLE tmp (id int)', true],
      ['INSERT INTO tmp VALUES (1)', false],
      ['DROP TABLE tmp', true],
    ] as const) {
      for (const statement of write.split('; ')) await app.query(statement);
      await rewind(control, start);
      const after = await looked();
      expect(after !== before, write).toBe(again);
      before = after;
    }
    await app.query('ALTER TABLE t DROP COLUMN v');
    await expect(rewind(control, start)).rejects.toMatchObject({ reason: 'ddl' });
  });
});
