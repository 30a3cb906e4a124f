// Sequences in every state that they can be in at a mark: never called, called, set back to not called, with a cache.
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const SCHEMA = `CREATE SEQUENCE fresh; CREATE SEQUENCE down INCREMENT -1 START 5 MAXVALUE 9; CREATE SEQUENCE "Odd "" name" START 3;
  CREATE SEQUENCE called; SELECT nextval('called'); CREATE SEQUENCE cached CACHE 20; CREATE SEQUENCE wide AS bigint START 9007199254740993`;

/** What comes before a mark, one after the other; DDL arms capture again. */
const BEFORE = [
  'SELECT 1',
  `SELECT setval('down', 7, false), setval('wide', 9007199254740995, false)`,
  `SELECT nextval('fresh')`,
  `SELECT setval('called', 5, false)`,
  'CREATE SEQUENCE younger START 4',
  'ALTER SEQUENCE fresh RESTART',
];
const MOVES = {
  fresh: [`SELECT nextval('fresh')`, `SELECT setval('fresh', 1, true)`, `SELECT setval('fresh', 44, false)`],
  down: [`SELECT nextval('down')`, `SELECT setval('down', 6, false)`],
  '"Odd "" name"': [`SELECT nextval('"Odd "" name"')`, `SELECT setval('"Odd "" name"', 2, false)`],
  called: [`SELECT nextval('called')`, `SELECT setval('called', 1, false)`, `SELECT setval('called', 77)`],
  wide: [`SELECT nextval('wide')`, `SELECT setval('wide', 9007199254740994, false)`],
} as const;

const SERIAL = `CREATE TABLE t (id serial PRIMARY KEY, v int CHECK (v > 0)); INSERT INTO t (v) VALUES (1), (2), (3)`;
/** What leaves it at the value that it had. */
const TOUCHED = {
  'started anew': 'TRUNCATE t RESTART IDENTITY; INSERT INTO t (v) VALUES (4), (5), (6)',
  'set and drawn from': `SELECT setval('t_id_seq', 1), nextval('t_id_seq'), nextval('t_id_seq')`,
};

onEachMajor((major) => {
  test(`every sequence that moved is set back, and no other, on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    for (const before of BEFORE) {
      await app.query(before);
      const start = await mark(control);
      const state = await stateOf(app);
      expect((await rewind(control, start)).sequences).toEqual([]);
      for (const [name, moves] of Object.entries(MOVES)) {
        for (const move of moves) {
          await app.query(move);
          const moved = JSON.stringify(await stateOf(app)) !== JSON.stringify(state);
          expect((await rewind(control, start)).sequences, move).toEqual(moved ? [`public.${name}`] : []);
          expect(await stateOf(app), move).toEqual(state);
          expect((await rewind(control, start)).sequences, `after ${move}`).toEqual([]);
        }
      }
    }
  });

  test(`one with a cache that was never called is refused before another is set, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const start = await mark(control);
    await app.query(`SELECT nextval('called'), nextval('fresh')`);
    const written = await stateOf(app);
    await app.query(`SELECT setval('cached', 4, false)`);
    await expect(rewind(control, start)).rejects.toMatchObject({ reason: 'sequence-cache' });
    expect(await stateOf(app)).toEqual({ ...written, 'public.cached': '4 f' });
  });

  // Up to 32 values are logged ahead: they are drawn without a transaction id, so that the snapshot says nothing of them.
  for (const [title, touch] of Object.entries(TOUCHED)) {
    for (const when of ['before', 'after'] as const) {
      test(`a sequence that was ${title} ${when} the mark is looked at when nobody wrote, on ${major}`, async ({
        testDatabase,
      }) => {
        const { app, control } = await testDatabase(major, SERIAL);
        if (when === 'before') await app.query(touch);
        const start = await mark(control);
        const state = await stateOf(app);
        if (when === 'after') await app.query(touch);
        await rewind(control, start);
        expect((await rewind(control, start)).sequences).toEqual([]);
        await expect(app.query('INSERT INTO t (v) VALUES (-1)')).rejects.toMatchObject({ code: '23514' });
        expect((await rewind(control, start)).sequences).toEqual(['public.t_id_seq']);
        expect(await stateOf(app)).toEqual(state);
      });
    }
  }

  test(`of thousands that were never called, the one that moved is set back on ${major}`, async ({ testDatabase }) => {
    const many = `DO $$ BEGIN FOR i IN 1..2000 LOOP EXECUTE 'CREATE SEQUENCE s' || i; END LOOP; END $$`;
    const { app, control } = await testDatabase(major, many);
    const start = await mark(control);
    await app.query(`SELECT setval('s1999', 5, false)`);
    expect((await rewind(control, start)).sequences).toEqual(['public.s1999']);
  });

  test(`one of another role that this role may not read is refused on ${major}`, async ({ testDatabase }) => {
    const { connect, control } = await testDatabase(major, 'CREATE TABLE t (id int)', 'weak');
    const superuser = await connect();
    await superuser.query('CREATE SEQUENCE hidden');
    await expect(mark(control)).rejects.toMatchObject({ code: 'REWIND_PRIVILEGE' });
  });
});
