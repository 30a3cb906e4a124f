// What is listed of very many or very large changes.
import { changes, firstChanges } from './changes.ts';
import { mark } from './mark.ts';
import { expect, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const SCHEMA = `
  CREATE TABLE big (id bigint, n numeric, v text, token text, b bytea, PRIMARY KEY (n, id));
  CREATE TABLE bag (v jsonb, w text);
  INSERT INTO big SELECT i, i % 2, 'old', 's3cret', '' FROM generate_series(1, 1000) i`;
const MOST = { rows: 10, characters: 20 };

onEachMajor((major) => {
  test(`of many changed rows the first are listed, updates as pairs, and all are counted, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const before = await mark(control);
    expect(await firstChanges(control, before, MOST)).toEqual({ changes: [], rows: 0 });
    await app.query("UPDATE big SET v = 'new' WHERE id > 100");
    await app.query(`INSERT INTO bag SELECT '{"a": 1}', 'x' FROM generate_series(1, 50)`);
    const all = await changes(control, before);
    expect(all).toHaveLength(950);
    const { changes: first, rows } = await firstChanges(control, before, MOST);
    expect(rows).toBe(950);
    expect(first).toHaveLength(10);
    // No more than that leaves the database: one line is the table's.
    const answer = await control.query('SELECT FROM playwright_stacks.changes($1, 21, NULL, 100)', [before]);
    expect(answer).toMatchObject({ rowCount: 23 }); // two tables
    expect(new Set(first.map(({ table, op }) => `${table} ${op}`))).toEqual(new Set(['public.bag insert']));
    await app.query('DELETE FROM bag');
    const { changes: updates } = await firstChanges(control, before, MOST);
    expect(updates).toEqual(
      [102, 104, 106, 108, 110, 112, 114, 116, 118, 120].map((id) => ({
        table: 'public.big',
        op: 'update',
        key: { n: 0, id },
        before: { id, n: 0, v: 'old', token: '***', b: '\\x' },
        after: { id, n: 0, v: 'new', token: '***', b: '\\x' },
      })),
    );
    expect(await firstChanges(control, before, { ...MOST, rows: 900 })).toMatchObject({ rows: 900 });
  });

  test(`of a large value the beginning is listed, on ${major}`, async ({ testDatabase }) => {
    const { app, control } = await testDatabase(major, SCHEMA);
    const before = await mark(control);
    await app.query(
      `INSERT INTO big VALUES (9007199254740993, 0.1000000000000000001, repeat('x', 1000000), 'short', decode(repeat('ab', 100000), 'hex'))`,
    );
    await app.query(`INSERT INTO bag VALUES (jsonb_build_object('a', repeat('y', 100000)), 'postgres://a:hush@h')`);
    const { changes: first } = await firstChanges(control, before, MOST);
    const said = (text: string, length: number) => `${text} … (${length} characters) …`;
    expect(first.map(({ after }) => after)).toEqual([
      { v: said(`{"a": "${'y'.repeat(13)}`, 100_009 - 20), w: 'postgres://a:***@h' },
      {
        id: '9007199254740993',
        n: '0.1000000000000000001',
        v: said('x'.repeat(20), 1_000_000 - 20),
        token: '***',
        b: said(`\\x${'ab'.repeat(9)}`, 200_002 - 20),
      },
    ]);
  });
});

test('what a large value is, is counted in characters, however many bytes they take', async ({ testDatabase }) => {
  const { app, control } = await testDatabase('18', SCHEMA);
  const before = await mark(control);
  await app.query(`INSERT INTO bag VALUES ('1', repeat('ж', 4000)), ('2', repeat('🐘', 5000))`);
  const { changes: first } = await firstChanges(control, before, MOST);
  expect(first.map(({ after }) => after).sort((a, b) => Number(a?.v) - Number(b?.v))).toEqual([
    { v: 1, w: 'ж'.repeat(4000) },
    { v: 2, w: `${'🐘'.repeat(20)} … (4980 characters) …` },
  ]);
});

test('more than a test can use is an error that says how many and where', { tag: '@matrix' }, async ({
  testDatabase,
}) => {
  const { app, control } = await testDatabase('18', SCHEMA);
  const before = await mark(control);
  await app.query(`INSERT INTO bag SELECT '1', 'x' FROM generate_series(1, 100001)`);
  await expect(changes(control, before)).rejects.toThrow(
    [
      'CHANGES_TOO_MANY: the test changed 100001 rows or more (1 MB), too many to list.',
      '  public.bag: 100001 rows',
      '  hint: count or read them with `db.query()`.',
    ].join('\n'),
  );
  await app.query('TRUNCATE bag');
  await app.query(`INSERT INTO bag VALUES ('1', repeat('x', 70000000))`);
  await expect(changes(control, before)).rejects.toThrow('CHANGES_TOO_MANY: the test changed 1 rows or more (67 MB)');
});
