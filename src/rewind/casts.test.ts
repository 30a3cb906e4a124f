// Casts that an application makes between the rows of its tables and text, or json: what is captured, undone and shown is
// written by Postgres itself, and nothing of theirs is executed in a session of ours.
import { changes } from './changes.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const RAN = `CREATE FUNCTION ran() RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'code of the application ran as %', current_user; END $$;`;
const TO_TEXT = `
  CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g;
  CREATE TABLE p (id int PRIMARY KEY, v text) PARTITION BY RANGE (id);
  CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (0) TO (100); INSERT INTO p SELECT g, g FROM generate_series(1, 9) g;
  CREATE TABLE keyless (v text); INSERT INTO keyless VALUES ('a'), ('b');
  ${RAN}
  CREATE FUNCTION t_text(t) RETURNS text LANGUAGE sql AS 'SELECT public.ran()'; CREATE CAST (t AS text) WITH FUNCTION t_text(t) AS IMPLICIT;
  CREATE FUNCTION p_text(p) RETURNS text LANGUAGE sql AS 'SELECT public.ran()'; CREATE CAST (p AS text) WITH FUNCTION p_text(p) AS IMPLICIT;
  CREATE FUNCTION p1_text(p1) RETURNS text LANGUAGE sql AS 'SELECT public.ran()'; CREATE CAST (p1 AS text) WITH FUNCTION p1_text(p1) AS IMPLICIT;
  CREATE FUNCTION k_text(keyless) RETURNS text LANGUAGE sql AS 'SELECT public.ran()'; CREATE CAST (keyless AS text) WITH FUNCTION k_text(keyless) AS IMPLICIT;`;

const FROM_TEXT = `${RAN}
  CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b');
  CREATE FUNCTION text_t(text) RETURNS t LANGUAGE sql AS 'SELECT public.ran()::int, public.ran()'; CREATE CAST (text AS t) WITH FUNCTION text_t(text);`;
const OF_TYPES = `${RAN}
  CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text);
  CREATE TABLE t (id int PRIMARY KEY, m mood, c pair, n mood, a mood[]);
  CREATE FUNCTION mood_text(mood) RETURNS text LANGUAGE sql AS 'SELECT public.ran()'; CREATE CAST (mood AS text) WITH FUNCTION mood_text(mood);
  CREATE FUNCTION mood_json(mood) RETURNS json LANGUAGE sql AS 'SELECT public.ran()::json'; CREATE CAST (mood AS json) WITH FUNCTION mood_json(mood);
  CREATE FUNCTION pair_text(pair) RETURNS text LANGUAGE sql AS 'SELECT public.ran()'; CREATE CAST (pair AS text) WITH FUNCTION pair_text(pair);
  CREATE FUNCTION pair_json(pair) RETURNS json LANGUAGE sql AS 'SELECT public.ran()::json'; CREATE CAST (pair AS json) WITH FUNCTION pair_json(pair);`;

/** As PostGIS has one to GeoJSON, which rounds, and which some shapes cannot be. */
const OF_EXTENSION =
  'CREATE EXTENSION citext; ALTER EXTENSION citext ADD CAST (mood AS json); DROP CAST (pair AS json);';
/** Whose casts are used, and which the owner of a database can create, and alter. */
const OF_HSTORE = 'CREATE EXTENSION hstore; ALTER EXTENSION hstore ADD CAST (mood AS json); DROP CAST (pair AS json);';

onEachMajor((major) => {
  for (const owner of ['postgres', 'weak'] as const) {
    test(`a cast from a table's rows to text is not used for ${owner} on ${major}`, async ({ testDatabase }) => {
      const { app, control, untouched } = await testDatabase(major, TO_TEXT, owner);
      const start = await mark(control);
      for (const table of ['t', 'p']) {
        await app.query(
          `INSERT INTO ${table} VALUES (20, 'new'); UPDATE ${table} SET v = 'other' WHERE id = 1; DELETE FROM ${table} WHERE id = 2`,
        );
      }
      await app.query("INSERT INTO keyless VALUES ('c'); DELETE FROM keyless WHERE v = 'a'");
      expect(await changes(control, start)).toHaveLength(8);
      await rewind(control, start);
      await app.query('TRUNCATE t');
      await rewind(control, start);
      expect(await stateOf(app)).toEqual(await stateOf(untouched));
    });

    test(`a cast from text to a table's rows is not used: a fresh clone for ${owner} on ${major}`, async ({
      testDatabase,
    }) => {
      const { app, control } = await testDatabase(major, FROM_TEXT, owner);
      const start = await mark(control);
      await app.query('DELETE FROM t WHERE id = 1');
      const reason = {
        code: 'REWIND_IMPOSSIBLE',
        reason: 'check',
        why: expect.stringContaining('a cast from text to rows of public.t'),
      };
      await expect(changes(control, start)).rejects.toMatchObject(reason);
      await expect(rewind(control, start)).rejects.toMatchObject(reason);
      expect((await app.query('SELECT count(*)::int FROM t')).rows).toEqual([{ count: 1 }]);
    });

    test(`a cast of a type to text or json is not used to show changes, whosever it is, for ${owner} on ${major}`, async ({
      testDatabase,
    }) => {
      const ofExtension = owner === 'postgres' ? OF_EXTENSION : OF_HSTORE;
      const { app, control } = await testDatabase(major, OF_TYPES + ofExtension, owner);
      const start = await mark(control);
      await app.query(`INSERT INTO t SELECT 9, 'sad', ROW(1, repeat('x', 2000))::pair, NULL, ARRAY['sad'::mood]`);
      const after = { id: 9, m: 'sad', c: `(1,${'x'.repeat(2000)})`, n: null, a: '{sad}' };
      expect(await changes(control, start)).toEqual([expect.objectContaining({ after })]);
    });
  }
});
