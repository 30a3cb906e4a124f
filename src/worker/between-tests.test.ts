// Every road that keeps rows or gives them back: a row that stays is there once in every test, any other in none.

import { test as base, expect } from '@playwright/test';
import fc from 'fast-check';
import type { Step } from './between-tests.ts';
import { type Act, type PlannedStep, type PlannedWorker, Play, SCHEMA } from './testing/play.ts';
import { TestPool } from './testing/pool.ts';

const test = base.extend<object, { pools: (owner: 'postgres' | 'weak') => Promise<TestPool> }>({
  pools: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads fixture names from the pattern.
    async ({}, use) => {
      const pools = new Map<string, Promise<TestPool>>();
      await use((owner) => {
        const pool = pools.get(owner) ?? TestPool.start('18', SCHEMA, owner);
        pools.set(owner, pool);
        return pool;
      });
      for (const pool of pools.values()) await (await pool).close();
    },
    { scope: 'worker' },
  ],
});

const hook = (...acts: Act[]): PlannedStep => ({ kind: 'hook', acts });
const inTest = (...acts: Act[]): PlannedStep => ({ kind: 'test', acts });
const anew = (step: PlannedStep): PlannedStep => ({ ...step, group: 'new' });
const late = (step: PlannedStep): PlannedStep => ({ ...step, late: true });
const as = (rest: Partial<PlannedStep>, ...steps: PlannedStep[]) => steps.map((step) => ({ ...step, ...rest }));
const one = (...steps: PlannedStep[]): PlannedWorker[] => [{ project: 'a', steps }];
const ACCOUNT = { fixture: 'account' };
const FOUND = { fixture: 'account', finds: true };

/** What a suite does with a worker fixture that writes a row. */
const ROADS: Record<string, readonly PlannedWorker[]> = {
  'asked for by a test': one(inTest('insert', ACCOUNT), inTest('insert'), inTest(), anew(inTest()), inTest()),
  'asked for by a beforeAll': one(hook(ACCOUNT), inTest('insert'), inTest(), anew(hook('insert')), inTest(), inTest()),
  'asked for by a beforeAll of a later group': one(
    inTest(),
    anew(hook('insert', ACCOUNT)),
    inTest(),
    inTest(),
    anew(inTest()),
  ),
  'asked for by an afterAll': one(inTest(), hook(ACCOUNT), inTest('insert'), inTest(), anew(inTest()), inTest()),
  'two, one in a hook and one in a test': one(
    hook(ACCOUNT),
    inTest({ fixture: 'other' }),
    inTest(),
    anew(inTest()),
    inTest(),
  ),
  "under 'file'": one(...as({ isolation: 'file' }, inTest(ACCOUNT, 'insert'), inTest(), anew(inTest()), inTest())),
  "under 'file', updated by a test": one(
    ...as({ isolation: 'file' }, inTest(ACCOUNT), inTest('update all'), inTest(), anew(inTest())),
  ),
  "under 'worker'": one(
    ...as({ isolation: 'worker' }, inTest(ACCOUNT), inTest('update all'), anew(inTest('insert')), inTest()),
  ),
  "under 'worker', then a group of 'test'": one(
    ...as({ isolation: 'worker' }, inTest(ACCOUNT), inTest()),
    anew(inTest()),
    inTest(),
  ),
  "in a group of 'test', then one of 'worker'": one(
    inTest(ACCOUNT),
    ...as({ isolation: 'worker' }, anew(inTest()), inTest()),
  ),
  'in a serial group': one(...as({ serial: 1 }, inTest('insert'), inTest(ACCOUNT), inTest()), inTest(), anew(inTest())),
  'in a beforeAll of a serial group': one(
    ...as({ serial: 1 }, hook(ACCOUNT, 'insert'), inTest()),
    ...as({ serial: 2 }, inTest(), inTest()),
    inTest(),
  ),
  "in a serial group that ends with its file, then 'worker'": one(
    ...as({ serial: 1 }, inTest(ACCOUNT), inTest('insert')),
    ...as({ isolation: 'worker' }, anew(inTest()), inTest()),
  ),
  'before a checkpoint': one(hook(ACCOUNT, 'checkpoint'), inTest(), anew(inTest()), inTest()),
  'in a test before a later checkpoint': one(
    inTest(ACCOUNT),
    hook('insert', 'checkpoint'),
    inTest('insert'),
    anew(inTest()),
    inTest(),
  ),
  'after a checkpoint': one(
    hook('insert', 'checkpoint', ACCOUNT),
    inTest('update all'),
    inTest(),
    anew(inTest()),
    inTest(),
  ),
  'with late writes around it': one(late(inTest(ACCOUNT)), late(inTest()), late(hook()), inTest(), anew(inTest())),
  'and a fresh clone after the test that asked': one(
    inTest(ACCOUNT, 'change the schema'),
    inTest(),
    anew(inTest()),
    inTest(),
  ),
  'and a fresh clone after a later test': one(
    hook(ACCOUNT, 'insert'),
    inTest('change the schema'),
    inTest(),
    anew(inTest()),
  ),
  'and a fresh clone at a new group': one(
    ...as({ isolation: 'file' }, inTest(ACCOUNT, 'change the schema'), anew(inTest()), inTest()),
  ),
  'and fresh clones after a checkpoint': one(
    hook(ACCOUNT, 'checkpoint'),
    inTest('change the schema'),
    anew(inTest({ fixture: 'other' }, 'change the schema')),
    inTest('change the schema'),
    anew(inTest()),
  ),
  'before and after a mark of the test': one(
    inTest({ fixture: 'other' }, 'mark', 'insert', ACCOUNT, 'rewind', 'insert', 'rewind'),
    inTest('mark', 'insert', 'rewind'),
    anew(inTest()),
  ),
  'before the first group': [{ project: 'a', early: 1, steps: [inTest('update all'), inTest(), anew(inTest())] }],
  'before the first group, and a fresh clone': [
    { project: 'a', early: 1, steps: [inTest('change the schema'), inTest()] },
  ],
  'again in a retry': [...one(hook(ACCOUNT), inTest()), ...one(inTest(ACCOUNT), inTest(), anew(inTest()))],
  'in a retry that finds its file': [
    ...one(inTest(ACCOUNT)),
    ...one(hook(FOUND), inTest(), anew(inTest())),
    ...one(inTest(FOUND, 'change the schema'), inTest(), anew(inTest())),
  ],
  'before the first group, in a retry that finds its file': [
    { project: 'a', early: 1, steps: [inTest()] },
    { project: 'a', steps: [inTest('update all'), inTest(), anew(inTest())] },
  ],
  'in two projects': [
    ...one(inTest(ACCOUNT), inTest()),
    { project: 'b', steps: [inTest(), hook(ACCOUNT), inTest(), anew(inTest())] },
    ...one(hook(FOUND), inTest()),
  ],
  'after a setup project, in a retry after what cannot be undone': [
    { project: 'setup', setup: 'passes', steps: [inTest('insert')] },
    ...one(...as({ serial: 1 }, inTest(ACCOUNT, 'change the schema'))),
    ...one(inTest(ACCOUNT), inTest(), anew(inTest())),
  ],
  'in and after a setup project': [
    { project: 'setup', setup: 'passes', steps: [hook('insert'), inTest(ACCOUNT, 'insert')] },
    ...one(hook(ACCOUNT), inTest('update all'), inTest(), anew(inTest('change the schema')), inTest()),
    { project: 'setup', setup: 'fails', steps: [inTest('insert')] },
    { project: 'setup', setup: 'passes', steps: [inTest('insert')] },
    ...one(inTest(FOUND), inTest()),
  ],
};

for (const [road, workers] of Object.entries(ROADS)) {
  test(`a worker fixture's row is there once in every test: ${road}`, async ({ pools }) => {
    const pool = await pools('postgres');
    const before = pool.reported.length;
    await new Play(pool).run(workers);
    const reported = pool.reported.slice(before).filter(({ type }) => type === 'rewind-impossible');
    const changes = JSON.stringify(workers).match(/change the schema/g) ?? [];
    expect(reported).toHaveLength(changes.length);
  });
}

for (const owner of ['postgres', 'weak'] as const) {
  test(`what a hook imports while triggers are off is there for its group only; rewound by ${owner}`, async ({
    pools,
  }) => {
    const pool = await pools(owner);
    await new Play(pool).run(
      one(hook('import', 'insert'), inTest('insert'), inTest('update all'), anew(inTest()), inTest()),
    );
    await new Play(pool).run([
      ...one(hook('import'), inTest('change the schema')), // This test fails.
      ...one(hook('import'), inTest('insert'), inTest(), anew(inTest())),
    ]);
  });
}

test('rows that a file or a serial group kept are remembered with its last test when they are gone', async ({
  pools,
}) => {
  const pool = await pools('postgres');
  await pool.openAgain();
  const { between } = await pool.lease('a');
  const serial = {};
  const before = pool.reported.length;
  const run = async (title: string, rest: Partial<Step>, rows = 0): Promise<void> => {
    const test = { id: title, title, titlePath: [title], file: `${title}.spec.ts`, project: '', retry: 0 };
    const step: Step = { kind: 'test', test, isolation: 'test', group: 1, serial: undefined, ...rest };
    await between.begin(step);
    if (rows > 0) await pool.app.query('INSERT INTO bag SELECT g, 0 FROM generate_series(1, $1) g', [rows]);
    await between.end(step, 'passed');
  };
  const rewound = (): unknown => [between.rewound?.test.title, between.rewound?.rows, between.rewound?.scope];
  await run('one', { isolation: 'file' }, 2);
  await run('two', { isolation: 'file' }, 1);
  await run('three', { group: 2 });
  expect(rewound()).toEqual(['two', 3, 'group']);
  await run('four', { group: 2, serial }, 4);
  await run('five', { group: 2, serial });
  await run('six', { group: 2 });
  expect(rewound()).toEqual(['five', 4, 'group']);
  await run('seven', { group: 2 }, 1);
  await run('eight', { group: 2, kind: 'hook' }, 5);
  await run('nine', { group: 3 });
  expect(rewound()).toEqual(['seven', 1, 'test']);
  const told = pool.reported
    .slice(before)
    .flatMap((event) => (event.type === 'rewound' && event.rows > 0 ? event.test?.title : []));
  expect(told).toEqual(['two', 'five', 'seven']);
});

test('DDL after the last test of a file costs a fresh clone, which needs nothing of the hooks of that file', async ({
  pools,
}) => {
  const pool = await pools('postgres');
  await pool.openAgain();
  const { between } = await pool.lease('a');
  const step = (kind: Step['kind'], group: number): Step => {
    const test = {
      id: `${group}`,
      title: `${group}`,
      titlePath: [`${group}`],
      file: 'a.spec.ts',
      project: '',
      retry: 0,
    };
    return { kind, test, isolation: 'test', group, serial: undefined };
  };
  await between.begin(step('hook', 1));
  await pool.app.query('CREATE TABLE hooked (id int); INSERT INTO hooked VALUES (1)');
  await between.end(step('hook', 1), 'passed');
  await between.begin(step('test', 1));
  await between.end(step('test', 1), 'passed');
  await pool.app.query('CREATE TABLE late (id int)');
  await between.begin(step('test', 2));
  const { rows } = await pool.app.query("SELECT relname FROM pg_class WHERE relname IN ('hooked', 'late')");
  expect(rows).toEqual([]);
  await between.end(step('test', 2), 'passed');
});

test('what came in after a test had ended is known of the next one, also of another file, and of no other', async ({
  pools,
}) => {
  const pool = await pools('postgres');
  await pool.openAgain();
  const { between } = await pool.lease('a');
  const step = (title: string): Step => {
    const test = { id: title, title, titlePath: [title], file: 'a.spec.ts', project: '', retry: 0 };
    return { kind: 'test', test, isolation: 'test', group: title === 'four' ? 2 : 1, serial: undefined };
  };
  const late: unknown[] = [];
  for (const title of ['one', 'two', 'three', 'four']) {
    await between.begin(step(title));
    late.push(between.late);
    await between.end(step(title), 'passed');
    if (title === 'one' || title === 'three')
      await pool.app.query('INSERT INTO bag SELECT g, 0 FROM generate_series(1, 3) g');
  }
  const after = (title: string) => ({ test: { title }, rows: 3, tables: ['public.bag'] });
  expect(late).toMatchObject([undefined, after('one'), undefined, after('three')]);
});

const act = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Act>('insert', 'update all', 'checkpoint', 'mark', 'rewind') },
  { weight: 2, arbitrary: fc.record({ fixture: fc.constantFrom('one', 'two', 'three'), finds: fc.boolean() }) },
  { weight: 1, arbitrary: fc.constantFrom<Act>('change the schema', 'import') },
);
const step = fc.record({
  kind: fc.constantFrom('test', 'test', 'hook'),
  isolation: fc.constantFrom('test', 'test', 'test', 'file', 'worker'),
  group: fc.constantFrom('same', 'same', 'new'),
  serial: fc.constantFrom(0, 0, 1, 2),
  acts: fc.array(act, { maxLength: 4 }),
  late: fc.boolean(),
}) satisfies fc.Arbitrary<PlannedStep>;
const worker = fc.record({
  project: fc.constantFrom('a', 'b'),
  setup: fc.constantFrom(undefined, undefined, undefined, 'passes', 'fails'),
  early: fc.nat({ max: 1 }),
  steps: fc.array(step, { minLength: 1, maxLength: 8 }),
});

for (const owner of ['postgres', 'weak'] as const) {
  for (const [few, tag] of [[3], [12, '@matrix']] as const) {
    test(`whatever workers do, tests find what they are to find: ${few} suites, rewound by ${owner}`, {
      tag: tag ?? (owner === 'postgres' ? '@matrix' : []),
    }, async ({ pools }) => {
      const pool = await pools(owner);
      // More, and others each time, with BETWEEN_TESTS_RUNS.
      const { BETWEEN_TESTS_RUNS: runs } = process.env;
      test.setTimeout(runs ? 0 : 120_000);
      await fc.assert(
        fc.asyncProperty(fc.array(worker, { minLength: 1, maxLength: 4 }), (workers) => new Play(pool).run(workers)),
        runs ? { numRuns: Number(runs) } : { numRuns: few, seed: 12, endOnFailure: true },
      );
    });
  }
}
