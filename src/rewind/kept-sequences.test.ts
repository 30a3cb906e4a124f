// Sequences that are kept: rows go back, ids go on, whatever moved them, and on a fresh clone too.
import { deltaBetween, isEmpty, replay } from './delta.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { goForward, goOnFrom, keepSequences, reachedSequences } from './sequences.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const SCHEMA = `CREATE TABLE t (id serial PRIMARY KEY, v text); INSERT INTO t (v) VALUES ('seeded');
  CREATE SEQUENCE down INCREMENT -2 START -1 MAXVALUE -1; CREATE SEQUENCE cached CACHE 20; CREATE SEQUENCE round MAXVALUE 3 CYCLE;
  CREATE SEQUENCE fresh START 7`;

onEachMajor((major) => {
  for (const owner of ['postgres', 'weak'] as const) {
    test(`no value is given out twice, and the rows go back, for ${owner} on ${major}`, async ({ testDatabase }) => {
      const { app, control } = await testDatabase(major, SCHEMA, owner);
      await keepSequences(control, true);
      const start = await mark(control);
      const given = new Set<string>(['t 1']);
      for (let round = 0; round < 4; round++) {
        for (const [name, sql] of Object.entries(DRAWS)) {
          const { rows } = await app.query(sql);
          for (const { id } of rows) {
            expect(given, `${name} ${id}`).not.toContain(`${name} ${id}`);
            given.add(`${name} ${id}`);
          }
        }
        await rewind(control, start);
        expect((await app.query('SELECT id, v FROM t')).rows).toEqual([{ id: 1, v: 'seeded' }]);
        expect((await rewind(control, start)).tables).toEqual([]);
      }
    });
  }

  test(`what a test sets back is set forward again, one with CYCLE goes back, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    await keepSequences(control, true);
    const start = await mark(control);
    await app.query(
      `SELECT nextval('t_id_seq'), nextval('t_id_seq'), nextval('down'), nextval('round'), nextval('round')`,
    );
    await rewind(control, start);
    await app.query(`TRUNCATE t RESTART IDENTITY; INSERT INTO t (v) VALUES ('mine'); SELECT setval('down', -1, false)`);
    await rewind(control, start);
    const { rows } = await app.query(
      `SELECT nextval('t_id_seq')::int AS t, nextval('down')::int AS down, nextval('round')::int AS round`,
    );
    expect(rows).toEqual([{ t: 4, down: -3, round: 1 }]);
  });

  test(`a session that rewinds them sets them back, and one that keeps them goes on after it, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control, untouched } = await testDatabase(major, SCHEMA);
    const next = async () => (await app.query(`INSERT INTO t (v) VALUES ('mine') RETURNING id`)).rows[0].id;
    const start = await mark(control);
    await keepSequences(control, true);
    expect([await next(), await next()]).toEqual([2, 3]);
    await rewind(control, start);
    await keepSequences(control, false);
    await rewind(control, start);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
    expect([await next(), await next(), await next()]).toEqual([2, 3, 4]);
    await rewind(control, start);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
    await keepSequences(control, true);
    await goForward(control, start);
    expect(await next()).toBe(5);
  });

  test(`a replay sets none back, and a fresh clone goes on from where another was, on ${major}`, async ({
    testDatabase,
  }) => {
    const [old, fresh] = [await testDatabase(major, SCHEMA), await testDatabase(major, SCHEMA)];
    for (const { control } of [old, fresh]) await keepSequences(control, true);
    const start = await mark(old.control);
    await old.app.query(`INSERT INTO t (v) VALUES ('of a hook')`);
    const written = await deltaBetween(old.control, start);
    await old.app.query(
      `INSERT INTO t (v) VALUES ('of a test'), ('of a test'); SELECT nextval('down'), nextval('down')`,
    );
    await rewind(old.control, start);
    await replay(old.control, written);
    expect((await old.app.query(`SELECT nextval('t_id_seq')::int AS id`)).rows).toEqual([{ id: 5 }]);
    await replay(fresh.control, written);
    await goOnFrom(fresh.control, await reachedSequences(old.control));
    const { rows } = await fresh.app.query(`SELECT nextval('t_id_seq')::int AS t, nextval('down')::int AS down`);
    expect(rows).toEqual([{ t: 6, down: -5 }]);
  });

  test(`after DDL a fresh clone goes on from what was reached, and knows nothing of what a test has made, on ${major}`, async ({
    testDatabase,
  }) => {
    const [old, fresh] = [await testDatabase(major, SCHEMA), await testDatabase(major, SCHEMA)];
    for (const { control } of [old, fresh]) await keepSequences(control, true);
    const start = await mark(old.control);
    await old.app.query(`SELECT nextval('down'), nextval('t_id_seq'), nextval('t_id_seq')`);
    await rewind(old.control, start);
    await old.app.query('CREATE TABLE of_test (id serial)');
    await mark(old.control); // captures it
    await old.app.query(`INSERT INTO of_test DEFAULT VALUES; DROP SEQUENCE fresh; ALTER SEQUENCE t_id_seq RESTART`);
    await goOnFrom(fresh.control, await reachedSequences(old.control));
    const { rows } = await fresh.app.query(`SELECT nextval('t_id_seq')::int AS t, nextval('down')::int AS down`);
    expect(rows).toEqual([{ t: 4, down: -3 }]);
  });

  test(`that only sequences have moved is no change where they are kept, on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query(`SELECT nextval('t_id_seq')`);
    expect(isEmpty(await deltaBetween(control, start))).toBe(false);
    await keepSequences(control, true);
    expect(isEmpty(await deltaBetween(control, start))).toBe(true);
    await app.query(`INSERT INTO t (v) VALUES ('a row')`);
    expect((await deltaBetween(control, start)).sequences).toMatchObject([{ sequence: 'public.t_id_seq', last: '3' }]);
  });
});

const DRAWS = {
  t: `INSERT INTO t (v) VALUES ('mine'), ('mine') RETURNING id`,
  down: `SELECT nextval('down') AS id FROM generate_series(1, 3)`,
  cached: `SELECT nextval('cached') AS id`,
  fresh: `SELECT nextval('fresh') AS id`,
};
