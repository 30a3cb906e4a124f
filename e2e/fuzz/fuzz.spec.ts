// A short hunt on each Postgres; `npm run fuzz` is the long one.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, test } from '@playwright/test';
import { installCapture } from '../../src/rewind/install.ts';
import { startCluster } from '../../src/rewind/testing/cluster.ts';
import { testedMajors } from '../../src/rewind/testing/majors.ts';
import { hunt } from './hunt.ts';
import { huntMutant } from './hunt-mutants.ts';
import { MUTANTS } from './mutants.ts';
import { regress } from './regress/regress.ts';
import { openTestBed } from './test-bed.ts';

const GROUNDS = [
  ...testedMajors().map((major) => ({ major, rewinder: 'superuser' as const })),
  { major: '18', rewinder: 'owner' as const },
];

for (const { major, rewinder } of GROUNDS) {
  const tag = major === '18' ? [] : '@matrix';
  test(`generated programs over generated schemas are rewound on ${major} by the ${rewinder}`, { tag }, async () => {
    const testBed = await openTestBed(major, { rewinder });
    try {
      const hunted = await hunt(testBed, { seed: 3, cases: 1_000, time: 2_000, shrink: 20_000 });
      expect(hunted.found && [...hunted.found.story, hunted.found.what].join('\n')).toBeUndefined();
      expect(hunted.programs).toBeGreaterThan(2);
    } finally {
      await testBed.close();
    }
  });
}

test('every mutant alters what is installed', async () => {
  const cluster = await startCluster('18');
  try {
    const client = await cluster.connect('postgres');
    await installCapture(client);
    for (const { name, alter } of MUTANTS) {
      await test.step(name, async () => {
        await client.query('BEGIN');
        await alter(client);
        await client.query('ROLLBACK');
      });
    }
    await client.end();
  } finally {
    await cluster.close();
  }
});

test('a rewind that is broken is found', async () => {
  const mutant = MUTANTS.find(({ name }) => name === 'window off by one transaction');
  const hunted = mutant && (await huntMutant(mutant, '18', 1));
  expect(hunted?.found?.what).toContain('the database is not what it was at the mark');
});

test('a folder of SQL files is run with capture and without, and rewound on the way', { tag: '@matrix' }, async () => {
  const parent = await mkdtemp(path.join(tmpdir(), 'stk-regress-'));
  try {
    const folder = path.join(parent, 'sql');
    await mkdir(folder);
    for (const [name, text] of Object.entries(FILES)) await writeFile(path.join(folder, name), text);
    const fine = await regress({ folder, major: '18', piece: 3 });
    expect({ ...fine, skipped: [...fine.skipped], refused: [...fine.refused] }).toEqual({
      statements: 16,
      marks: 8,
      rewound: 3,
      refused: [['ddl', 3]],
      skipped: [
        ['\\d', 1],
        ['answers that differ by chance', 1],
        ['answers that show the catalog or a plan', 1],
      ],
      wrong: [],
      answers: [],
      reordered: [],
    });
    const forgetful = MUTANTS.find(({ name }) => name === 'sequence forgotten');
    const broken = await regress({
      folder,
      major: '18',
      piece: 3,
      alter: async (client) => {
        await forgetful?.alter(client);
        await client.query(LOUD);
      },
    });
    expect(broken.wrong.join('\n')).toContain('the rewound database is not what it was');
    expect(broken.wrong.join('\n')).toContain('with capture    {"notices":["overheard"]');
  } finally {
    await rm(parent, { recursive: true });
  }
});

// A capture that the application hears of.
const LOUD = `CREATE FUNCTION public.overhear() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE NOTICE 'overheard'; RETURN NULL; END $$;
CREATE TRIGGER overhear AFTER INSERT ON public.fruit EXECUTE FUNCTION public.overhear()`;

const FILES = {
  'test_setup.sql': `CREATE TABLE fruit (id serial PRIMARY KEY, name text);
COPY fruit (name) FROM stdin;
apple
pear
\\.
`,
  'basket.sql': `-- A file; with a semicolon, 'quotes' and /* more */
INSERT INTO fruit (name) VALUES ('plum; "ripe"'), ($$fig;$$) RETURNING name;
\\d fruit
SELECT max(id) AS last, 'fruit' AS which FROM fruit \\gset top_
\\if :top_last
DELETE FROM :"top_which" WHERE id = :top_last::int;
\\else
DROP TABLE fruit;
\\endif
UPDATE fruit SET name = :'top_which' WHERE name ~ '^a';
SELECT now() IS NULL, clock_timestamp();
SELECT count(*) FROM pg_trigger;
BEGIN; INSERT INTO fruit (name) VALUES ('kiwi')\\; SELECT lastval();
ROLLBACK;
`,
  'orchard.sql': `CREATE TABLE tree (id int PRIMARY KEY, fruit int REFERENCES fruit ON DELETE CASCADE);
CREATE FUNCTION grow() RETURNS bigint BEGIN ATOMIC INSERT INTO tree SELECT id, id FROM fruit; SELECT count(*) FROM tree; END;
SELECT grow();
DELETE FROM fruit WHERE id = 1;
TABLE tree;
DROP TABLE missing;
DROP FUNCTION grow;
`,
};
