// Columns of types that PostGIS and pgvector bring, on a Postgres of this machine that has them: captured as text, written
// back to the last bit. Outside the default run: their packages are large.
import { existsSync } from 'node:fs';
import { changes } from './changes.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, stateOf, test } from './testing/database.ts';

const EXTENSIONS = [
  {
    name: 'postgis',
    schema: `CREATE TABLE t (id int PRIMARY KEY, v geometry(PointZ, 4326), w geometry, g geography, a geometry[]);
      CREATE INDEX ON t USING gist (v);
      INSERT INTO t VALUES (1, 'SRID=4326;POINT Z (9.1 48.7 1e-300)', 'CURVEPOLYGON(CIRCULARSTRING(0 0, 4 0, 4 4, 0 4, 0 0))', 'POINT(0.1 0.2)', NULL),
        (2, NULL, ST_MakePoint('NaN', 'Infinity'), NULL, ARRAY['POINT EMPTY', NULL]::geometry[]),
        (3, 'SRID=4326;POINT Z (1 2 3)', 'POINT EMPTY', 'POLYGON((0 0, 0.1 0, 0.1 0.3, 0 0))', '{}')`,
    update: `UPDATE t SET v = ST_Translate(v, 1e-12, 0, 0), w = 'LINESTRING(0 0, 1 1)'`,
  },
  {
    name: 'vector',
    schema: `CREATE TABLE t (id int PRIMARY KEY, v vector(3), w vector, g vector, a vector[]);
      CREATE INDEX ON t USING hnsw (v vector_l2_ops);
      INSERT INTO t VALUES (1, '[0.1, 1e-38, 16777217]', '[1]', '[0.33333334, -0]', NULL),
        (2, '[3, 2, 1]', NULL, '[1, 2, 3, 4]', ARRAY['[1,2]', NULL]::vector[]), (3, '[1, 2, 3]', '[5]', NULL, '{}')`,
    update: `UPDATE t SET v = v + '[0.0000001, 0, 0]', w = '[7, 8]'`,
  },
];

for (const { name, schema, update } of EXTENSIONS) {
  test(`columns of ${name}'s types are shown as text, and rewound to the last bit`, { tag: '@matrix' }, async ({
    testDatabase,
  }) => {
    const isThere = existsSync(`/usr/share/postgresql/15/extension/${name}.control`);
    test.skip(!isThere, `Debian’s Postgres 15 has no ${name} here: install the package that brings it`);
    const { app, control, untouched } = await testDatabase('15', `CREATE EXTENSION ${name}; ${schema}`);
    const start = await mark(control);
    const read = async (columns: string) => (await app.query(`SELECT id, ${columns} FROM t ORDER BY id`)).rows;
    const before = await read('v::text, w::text, g::text, a::text');
    await app.query(
      `${update} WHERE id < 3; DELETE FROM t WHERE id = 3; INSERT INTO t SELECT 4, v, w, g, a FROM t WHERE id = 1`,
    );
    const [first, second, third, fourth] = await changes(control, start);
    expect([first?.op, second?.op, third?.op, fourth?.op]).toEqual(['update', 'update', 'delete', 'insert']);
    const { a: _, ...texts } = before[0];
    expect(first?.before).toMatchObject(texts);
    expect(first?.after).toMatchObject({ v: (await read('v::text'))[0].v });
    expect(first?.after).not.toMatchObject({ v: texts.v });
    await rewind(control, start);
    expect(await read('v::text, w::text, g::text, a::text')).toEqual(before);
    expect(await stateOf(app)).toEqual(await stateOf(untouched));
  });
}
