// Suites whose tables have columns of an extension's types, on a Postgres of this machine (`database.binaries`).
import { existsSync } from 'node:fs';
import { execa } from 'execa';
import { configText, miniDatabase, only } from '../harness/config-text.ts';
import { expect, test } from '../harness/test.ts';

const BIN = '/usr/lib/postgresql/15/bin';

interface Suite {
  readonly extension: string;
  readonly package: string;
  /** Of the table `things (id int PRIMARY KEY, …)`. */
  readonly columns: string;
  /** The first of them. */
  readonly column: string;
  readonly index: string;
  /** Values of `columns`. */
  readonly rows: readonly string[];
  readonly update: string;
  /** A query whose answer is the row 1. */
  readonly nearest: string;
}

const SUITES: readonly Suite[] = [
  {
    extension: 'postgis',
    package: 'postgresql-15-postgis-3',
    column: 'spot',
    columns: 'spot geometry(PointZ, 4326), shape geometry, area geography(Polygon, 4326), many geometry[]',
    index: 'CREATE INDEX ON things USING gist (spot)',
    rows: [
      `'SRID=4326;POINT Z (9.1 48.7 0.1)', 'POINT EMPTY', 'POLYGON((0 0, 0.1 0, 0.1 0.3, 0 0))', NULL`,
      `'SRID=4326;POINT Z (13.4 52.5 1e-300)', 'CURVEPOLYGON(CIRCULARSTRING(0 0, 4 0, 4 4, 0 4, 0 0))', NULL, ARRAY['POINT(1 2)', NULL]::geometry[]`,
      `NULL, ST_MakePoint('NaN', 'Infinity'), NULL, '{}'`,
    ],
    update: `UPDATE things SET spot = ST_Translate(spot, 0.1, 0, 0), shape = 'LINESTRING(0 0, 1 1)' WHERE id = 1`,
    nearest: `SELECT id FROM things ORDER BY spot <-> 'SRID=4326;POINT Z (9 48 0)' LIMIT 1`,
  },
  {
    extension: 'vector',
    package: 'postgresql-15-pgvector',
    column: 'embedding',
    columns: 'embedding vector(3), half halfvec(2), sparse sparsevec(1000), many vector[]',
    index: 'CREATE INDEX ON things USING hnsw (embedding vector_l2_ops)',
    rows: [
      `'[0.1, 1e-38, 16777217]', '[0.1, 65504]', '{1:0.3,1000:-1}/1000', NULL`,
      `'[3, -0, 0.33333334]', NULL, '{}/1000', ARRAY['[1,2]', NULL]::vector[]`,
      `NULL, '[1, 2]', NULL, '{}'`,
    ],
    update: `UPDATE things SET embedding = embedding + '[1, 1, 1]', half = '[5, 6]' WHERE id = 1`,
    nearest: `SELECT id FROM things ORDER BY embedding <-> '[0, 0, 16777217]' LIMIT 1`,
  },
];

/** Every test finds the rows that were seeded, to the last bit, and leaves none as it was. */
const specOf = ({ update, nearest, rows, column }: Suite) => `
  import { expect, test } from 'playwright-stacks';
  for (const n of [1, 2, 3, 4]) test('finds the seeded rows, time ' + n, async ({ db }) => {
    const all = async () => (await db.query('SELECT t.id, t::text AS text FROM things t ORDER BY id')).rows;
    const seeded = (await db.query('SELECT id, text FROM seeded ORDER BY id')).rows;
    expect(seeded).toHaveLength(3);
    expect(await all()).toEqual(seeded);
    expect((await db.query(${JSON.stringify(nearest)})).rows).toEqual([{ id: 1 }]);
    await db.query(${JSON.stringify(update)});
    await db.query('DELETE FROM things WHERE id = 2');
    await db.query(${JSON.stringify(`INSERT INTO things VALUES (4, ${rows[0]})`)});
    const changes = await db.changes({ columns: 'all' });
    expect(changes.map(({ op, key }) => [op, key.id])).toEqual([['update', 1], ['delete', 2], ['insert', 4]]);
    const [changed, deleted, inserted] = changes;
    const { rows: [now] } = await db.query('SELECT ${column}::text AS text FROM things WHERE id = 1');
    expect(changed.after.${column}).toBe(now.text);
    expect(changed.before.${column}).toBe(inserted.after.${column});
    expect(deleted.before.${column}).toEqual(expect.any(String));
  });
`;

for (const suite of SUITES) {
  test(`columns of ${suite.extension}'s types are rewound to the last bit and shown as changes, twice from one cached cluster`, async ({
    project,
    run,
  }) => {
    await install(suite);
    const { columns, index, rows, extension } = suite;
    const values = rows.map((row, at) => `(${at + 1}, ${row})`).join(', ');
    const mini = await project('mini', {
      files: {
        'playwright.config.ts': configText({
          database: `${miniDatabase}, binaries: '${BIN}', extensions: ['${extension}']`,
        }),
        'migrations/002_things.sql': `CREATE TABLE things (id int PRIMARY KEY, ${columns}); ${index};`,
        'seed/things.sql': `
          INSERT INTO things VALUES ${values};
          CREATE TABLE seeded AS SELECT t.id, t::text AS text FROM things t;`,
        ...only(specOf(suite)),
      },
    });
    for (const cluster of ['built', 'cached']) {
      const { output, events, exitCode } = await run(mini, ['--workers=2', '--fully-parallel'], { timeout: 240_000 });
      expect(output).toContain('4 passed');
      expect(exitCode).toBe(0);
      const ready = events.find((event) => event.type === 'postgres-ready');
      expect(ready?.version).toMatch(/^15\./);
      expect(ready?.cluster === 'cached').toBe(cluster === 'cached');
      expect(events.filter(({ type }) => type === 'rewind-impossible')).toEqual([]);
    }
  });
}

test('a migration that fails for want of an extension is told which, and the line that installs it', async ({
  project,
  run,
}) => {
  const mini = await project('mini', {
    files: {
      'playwright.config.ts': configText({ database: `${miniDatabase}, binaries: '${BIN}'` }),
      'migrations/000_fish.sql': 'CREATE EXTENSION IF NOT EXISTS hypopg_of_nobody',
    },
  });
  const { output, exitCode } = await run(mini, ['--workers=1']);
  expect(exitCode).toBe(1);
  expect(output).toContain(
    `hint: Postgres 15 in ${BIN} has no extension "hypopg_of_nobody": install "hypopg_of_nobody" for Postgres 15: \`apt-cache search postgresql-15-\` lists what there is.`,
  );
});

/** From Debian's packages, as root; where these have none, nothing can be shown here. */
async function install({ extension, package: name }: Suite): Promise<void> {
  const control = `/usr/share/postgresql/15/extension/${extension}.control`;
  if (existsSync(control)) return;
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const args = ['install', '-y', '-qq', '--no-install-recommends', '-o', 'DPkg::Lock::Timeout=120', name];
  const { failed, stderr } = await execa('apt-get', args, { env, reject: false, timeout: 280_000 });
  test.skip(failed || !existsSync(control), `${name} is not installed, and apt-get says: ${stderr.trim()}`);
}
