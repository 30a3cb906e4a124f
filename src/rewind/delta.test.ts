// Changes taken from one clone to another.
import { changes } from './changes.ts';
import { deltaBetween, replay } from './delta.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const SCHEMA = `
  CREATE TABLE t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text, twice text GENERATED ALWAYS AS (v || v) STORED);
  CREATE TABLE bag (v json);
  CREATE TABLE child (t int REFERENCES t, n numeric);
  INSERT INTO t (v) VALUES ('a'), ('b'), ('c'); INSERT INTO bag VALUES ('1'), ('1'); INSERT INTO child VALUES (1, 1.0)`;
const WRITES = [
  `INSERT INTO t (v) VALUES ('d'), ('e')`,
  `UPDATE t SET v = 'A' WHERE id = 1`,
  `DELETE FROM t WHERE id = 4`,
  `DELETE FROM bag WHERE ctid = (SELECT min(ctid) FROM bag)`,
  `INSERT INTO child SELECT 5, 1.50 FROM generate_series(1, 2)`,
];

onEachMajor((major) => {
  test(`what was written up to a mark is written to another clone, and can be rewound there, on ${major}`, async ({
    testDatabase,
  }) => {
    const from = await testDatabase(major, SCHEMA);
    const to = await testDatabase(major, SCHEMA);
    const opening = await mark(from.control);
    for (const statement of WRITES) await from.app.query(statement);
    const then = await mark(from.control);
    const wanted = await stateOf(from.app);
    await from.app.query('DELETE FROM child');
    await from.app.query('ALTER TABLE t DROP COLUMN twice');

    const delta = await deltaBetween(from.control, opening, then);
    const before = await mark(to.control);
    await replay(to.control, JSON.parse(JSON.stringify(delta)));
    expect(await stateOf(to.app)).toEqual(wanted);
    expect(await changes(to.control, before)).toHaveLength(5);
    await rewind(to.control, before);
    expect(await stateOf(to.app)).toEqual(await stateOf(to.untouched));
  });

  test(`what was not captured in between cannot be taken on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const opening = await mark(control);
    await app.query('CREATE TABLE more (id int)');
    const after = await mark(control);
    await expect(deltaBetween(control, opening, after)).rejects.toMatchObject({ reason: 'ddl' });
    await expect(deltaBetween(control, opening + 7)).rejects.toMatchObject({ code: 'MARK_UNKNOWN' });
  });
});

// In twice the time for twice as much: where it takes four times as long, no statement of ours lasts long enough.
test('as much as another clone can take is given to it', { tag: '@matrix' }, async ({ testDatabase }) => {
  const { app, control } = await testDatabase('18', SCHEMA);
  const opening = await mark(control);
  await app.query("INSERT INTO t (v) SELECT repeat('x', 1000) FROM generate_series(1, 20000)");
  const delta = await deltaBetween(control, opening);
  await rewind(control, opening);
  await replay(control, delta);
  expect((await app.query('SELECT count(*)::int FROM t WHERE length(v) = 1000')).rows).toEqual([{ count: 20_000 }]);
});

test('more than another clone can take is an error that says how much, and what to do', { tag: '@matrix' }, async ({
  testDatabase,
}) => {
  const { app, control } = await testDatabase('18', SCHEMA);
  const opening = await mark(control);
  await app.query("INSERT INTO t (v) SELECT repeat('x', 6000000) FROM generate_series(1, 4)");
  await expect(deltaBetween(control, opening)).rejects.toThrow(
    [
      'CHANGES_TOO_MANY: 69 MB of rows cannot be given to other stacks; 64 MB can.',
      '  hint: what worker fixtures, setup projects and globalSetup write is written again wherever it is needed: let `database.seed` write that much, once for all.',
    ].join('\n'),
  );
  await app.query('DELETE FROM t WHERE length(v) > 1');
  expect((await deltaBetween(control, opening)).tables).toEqual([]);
});
