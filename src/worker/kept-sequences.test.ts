// `sequences: 'keep'` between a worker's tests: no id is given out twice, whatever takes the database's place.
import { test as base, expect } from '@playwright/test';
import type { Step } from './between-tests.ts';
import { DAMAGES } from './testing/damages.ts';
import { TestPool, type Worker } from './testing/pool.ts';

const SCHEMA = `CREATE TABLE t (id serial PRIMARY KEY); INSERT INTO t DEFAULT VALUES; CREATE TABLE other (id serial)`;

const test = base.extend<{ start: (owner: 'postgres' | 'weak') => Promise<TestPool> }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads fixture names from the pattern.
  start: async ({}, use) => {
    let pool: TestPool | undefined;
    await use(async (owner) => {
      pool = await TestPool.start('18', SCHEMA, owner);
      return pool;
    });
    await pool?.close();
  },
});

const step = (title: string, rest: Partial<Step> = {}): Step => ({
  ...{ kind: 'test', isolation: 'test', group: 1, serial: undefined, sequences: 'keep' },
  test: { id: title, title, titlePath: [title], file: 'a.spec.ts', project: '', retry: 0 },
  ...rest,
});

for (const owner of ['postgres', 'weak'] as const) {
  test(`ids go on after a rewind, a fresh clone, a new worker and tests that rewind them; for ${owner}`, async ({
    start,
  }) => {
    const pool = await start(owner);
    const given: number[] = [];
    let found = 0;
    const during = async (worker: Worker, asked: Step, act?: () => Promise<unknown>): Promise<number> => {
      await worker.between.begin(asked);
      expect((await pool.app.query('SELECT count(*)::int AS n FROM t')).rows).toEqual([{ n: 1 + found }]);
      const { rows } = await pool.app.query('INSERT INTO t DEFAULT VALUES RETURNING id');
      await act?.();
      await worker.between.end(asked, 'passed');
      if (asked.sequences === 'keep') given.push(rows[0].id);
      return rows[0].id;
    };
    await pool.openAgain();
    const worker = await pool.lease('a');
    await during(worker, step('first'));
    await during(worker, step('drops another sequence'), () => pool.app.query('DROP TABLE other'));
    await during(worker, step('sets it back'), () => pool.app.query('ALTER SEQUENCE t_id_seq RESTART'));
    given.pop(); // Nobody can say any more what it has drawn since the last rewind.
    await during(worker, step('is on a fresh clone'));
    const dropped = DAMAGES.find(({ title }) => title === 'drops the clone');
    if (!dropped) throw new Error('there is no such damage');
    await during(worker, step('drops its database'), () => dropped.how(pool));
    given.pop(); // As above.
    await during(worker, step('is on another'));
    expect(await during(worker, step('wants them rewound', { sequences: undefined, group: 2 }))).toBe(2);
    await during(worker, step('wants them kept again', { group: 3 }));
    await during(await pool.lease('a'), step('is in a new worker'));
    const other = await pool.lease('a');
    await during(other, step('hook', { kind: 'hook', group: 2 }));
    found = 1;
    await during(other, step('finds what the hook wrote', { group: 2 }));
    await during(other, step('finds it again', { group: 2 }));
    expect(given).toEqual([...new Set(given)].toSorted((a, b) => a - b));
  });
}

test('rows of a worker fixture are found by the next worker, though ids have gone on meanwhile', async ({ start }) => {
  const pool = await start('postgres');
  await pool.openAgain();
  const ids = async () => (await pool.app.query('SELECT id FROM t ORDER BY id')).rows.map(({ id }) => id);
  const worker = await pool.lease('a');
  await pool.app.query('INSERT INTO t DEFAULT VALUES'); // by a fixture that leaves a file, which the next one finds
  await worker.between.begin(step('first'));
  expect(await ids()).toEqual([1, 2]);
  await pool.app.query('INSERT INTO t DEFAULT VALUES');
  await worker.between.end(step('first'), 'failed');
  const next = await pool.lease('a');
  await next.between.begin(step('second'));
  expect(await ids()).toEqual([1, 2]);
  await pool.app.query('INSERT INTO t DEFAULT VALUES');
  expect(await ids()).toEqual([1, 2, 4]);
  await next.between.end(step('second'), 'passed');
});
