// From the end of a test's body to the next one's beginning, beside a fresh clone, a refill and a bare round trip.
import type pg from 'pg';
import { rewind } from '../src/rewind/rewind.ts';
import { isUntidy, tidy } from '../src/rewind/tidy.ts';
import { type Answer, answer, type Goal } from './answer.ts';
import { contest } from './contest.ts';
import { freshClone } from './peers.ts';
import { type BenchDatabase, seedSql, type TestBed } from './test-bed.ts';

const TABLES = 30;
const SMALL = 1000;
const LARGE = 4_000_000;
const OLD_AGE = 2000;

const TEN_ROWS = [
  `INSERT INTO t3 (parent, name) VALUES (1, 'new'), (2, 'new2')`,
  `UPDATE t5 SET name = 'changed' WHERE id IN (3, 4)`,
  'DELETE FROM t28 WHERE id = 7',
  `UPDATE big SET name = 'zz' WHERE id BETWEEN 5 AND 9`,
];
const INSERT_ONE = `INSERT INTO t3 (parent, name) VALUES (1, 'new')`;
const MANY_ROWS = `INSERT INTO t3 (parent, name) SELECT 1, 'n' || g FROM generate_series(1, 20000) g`;

export async function askAboutRewind(testBed: TestBed, tell: (answer: Answer) => void): Promise<void> {
  const told = (question: string, ours: number, peer: string, theirs: number, goal?: Goal): void =>
    tell(answer(question, ours, peer, theirs, goal));
  const { cluster, clone, openDatabase } = testBed;
  await testBed.makeTemplates('small', TABLES, SMALL);
  await testBed.makeTemplates('large', TABLES, LARGE);
  await testBed.makeTemplates('wide', 1000, SMALL);
  const small = await openDatabase('small_0', 'small_captured');
  const large = await openDatabase('large_0', 'large_captured');
  const wide = await openDatabase('wide_0', 'wide_captured');
  await clone('refilled', 'small');
  const refilled = await cluster.connect('refilled');

  const ten = await contest(150, {
    small: { prepare: () => run(small.app, TEN_ROWS), run: () => betweenTests(small) },
    large: { prepare: () => run(large.app, TEN_ROWS), run: () => betweenTests(large) },
    wide: { prepare: () => run(wide.app, TEN_ROWS), run: () => betweenTests(wide) },
    nothing: { prepare: () => run(small.app, ['SELECT 1']), run: () => betweenTests(small) },
    roundTrip: { run: () => small.control.query('SELECT 1') },
  });
  const peers = await contest(10, {
    ours: { prepare: () => run(small.app, TEN_ROWS), run: () => betweenTests(small) },
    clone: freshClone(testBed, 'small'),
    refill: { prepare: () => run(refilled, TEN_ROWS), run: () => refill(refilled) },
  });
  const largePeers = await contest(5, {
    ours: { prepare: () => run(large.app, TEN_ROWS), run: () => betweenTests(large) },
    clone: freshClone(testBed, 'large'),
  });
  told('10 rows in 4 of 30 tables', ten.small, 'a bare round trip', ten.roundTrip, { most: 2.5 });
  told('the same, 10 MB', peers.ours, 'a fresh clone', peers.clone, { ratio: 1 / 10 });
  told('the same, 10 MB', peers.ours, 'TRUNCATE all and re-seed', peers.refill);
  told('the same, 1 GB', largePeers.ours, 'a fresh clone', largePeers.clone, { ratio: 1 / 150 });
  told('the same, 1 GB', ten.large, 'at 10 MB', ten.small, { ratio: 1.2 });
  told('the same, 4 of 1,000 tables', ten.wide, '30 tables', ten.small, { ratio: 1.8 });
  told('a test that changed nothing', ten.nothing, 'a bare round trip', ten.roundTrip, { most: 0.8 });

  const many = await contest(7, {
    twoHundred: {
      prepare: () => run(small.app, Array<string>(200).fill(INSERT_ONE)),
      run: () => betweenTests(small),
    },
    twentyThousand: { prepare: () => run(small.app, [MANY_ROWS]), run: () => betweenTests(small) },
    roundTrip: { run: () => small.control.query('SELECT 1') },
  });
  told('200 rows, one by one', many.twoHundred, 'a bare round trip', many.roundTrip, { most: 8 });
  told('20,000 rows', many.twentyThousand, 'a bare round trip', many.roundTrip, { most: 250 });

  const old = await openDatabase('old', 'small_captured');
  for (let i = 1; i <= OLD_AGE; i++) {
    await run(old.app, TEN_ROWS);
    await betweenTests(old);
  }
  const young = await openDatabase('young', 'small_captured');
  const age = await contest(40, {
    old: { prepare: () => run(old.app, TEN_ROWS), run: () => betweenTests(old) },
    young: { prepare: () => run(young.app, TEN_ROWS), run: () => betweenTests(young) },
  });
  told('the 2,000th rewind', age.old, 'the 10th', age.young, { ratio: 1.2 });
}

/** What the fixture does at a test's end, and at the next one's beginning. */
async function betweenTests(database: BenchDatabase): Promise<void> {
  for (let i = 0; i < 2; i++) {
    const rewound = await rewind(database.control, database.start);
    if (isUntidy(++database.rewinds, rewound)) await tidy(database.control);
  }
}

async function run(client: pg.Client, statements: readonly string[]): Promise<void> {
  for (const statement of statements) await client.query(statement);
}

async function refill(client: pg.Client): Promise<void> {
  const all = [...Array.from({ length: TABLES - 1 }, (_, i) => `t${i}`), 'big'];
  await client.query(`TRUNCATE ${all} RESTART IDENTITY; ${seedSql(TABLES, SMALL).join('; ')}`);
}
