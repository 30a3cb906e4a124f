// A test that damages what is ours: it is noticed, and the next one is on a fresh clone.
import { test as base, expect } from '@playwright/test';
import { StacksError } from '../errors.ts';
import type { TestRef } from '../events.ts';
import type { Step } from './between-tests.ts';
import { DAMAGES, type Damage } from './testing/damages.ts';
import { SCHEMA } from './testing/play.ts';
import { TestPool, type Worker } from './testing/pool.ts';

type Owner = 'postgres' | 'weak';

const test = base.extend<object, { pools: (owner: Owner) => Promise<TestPool> }>({
  pools: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads fixture names from the pattern.
    async ({}, use) => {
      const pools = new Map<Owner, Promise<TestPool>>();
      await use((owner) => {
        const pool = pools.get(owner) ?? TestPool.start('15', `${SCHEMA}; INSERT INTO keyed VALUES (1, 0)`, owner);
        pools.set(owner, pool);
        return pool;
      });
      for (const pool of pools.values()) await (await pool).close();
    },
    { scope: 'worker' },
  ],
});

const refTo = (title: string): TestRef => ({
  id: title,
  title,
  titlePath: [title],
  file: 'a.spec.ts',
  project: '',
  retry: 0,
});

const step = (title: string, rest: Partial<Step> = {}): Step => ({
  ...{ kind: 'test', test: refTo(title), isolation: 'test', group: 1, serial: undefined },
  ...rest,
});

for (const owner of ['postgres', 'weak'] as const) {
  for (const damage of DAMAGES.filter(({ by = owner }) => by === owner)) {
    // One of each kind by default; e2e/damaged.spec.ts has nine in one run.
    const isFirst = damage === DAMAGES.find(({ reason }) => reason === damage.reason);
    const tag = isFirst && owner === (damage.by ?? 'postgres') ? [] : '@matrix';
    test(`a test that ${damage.title} is named, and the next one finds nothing of it; rewound by ${owner}`, {
      tag,
    }, async ({ pools }) => {
      const pool = await pools(owner);
      await test.step('in the same worker', async () => {
        await pool.openAgain();
        const worker = await pool.lease('a');
        await worker.between.begin(step('does it'));
        await hurt(pool, damage, worker);
        await worker.between.end(step('does it'), 'passed');
        await expectNoticed(pool, damage.reason);
        await expectFresh(pool, worker);
        if (damage.reason) await expectFresh(pool, worker, damage); // and once more
      });
      await test.step('in the next one, where this one ends with it', async () => {
        await pool.openAgain();
        const worker = await pool.lease('a');
        await worker.between.begin(step('does it'));
        await hurt(pool, damage, worker);
        pool.last = refTo('does it');
        const next = await pool.lease('a');
        await expectNoticed(pool, damage.later ?? damage.reason);
        await expectFresh(pool, next);
      });
      await test.step('in the next one, where a hook does it', async () => {
        await pool.openAgain();
        const worker = await pool.lease('a');
        const hook = step('hook', { kind: 'hook' });
        await worker.between.begin(hook);
        await hurt(pool, damage, worker);
        await worker.between.end(hook, 'passed');
        const error = await worker.between.begin(step('first')).catch((thrown: unknown) => thrown);
        if (error !== undefined) expect(error).toMatchObject({ code: 'REWIND_IMPOSSIBLE' });
        if (damage.reason === 'database')
          expect(String(error)).toContain("what the tests up to 'hook' did cannot be undone");
        await expectFresh(pool, await pool.lease('a'));
      });
    });
  }
}

/** Whatever a test then asks of us is answered, or refused by an error of ours. */
async function hurt(pool: TestPool, damage: Damage, { session }: Worker): Promise<void> {
  await pool.app.query('INSERT INTO bag VALUES (2, 0); UPDATE keyed SET times = 1');
  pool.reported.length = 0;
  await damage.how(pool);
  for (const ask of [
    () => session.changes(),
    () => session.mark(),
    () => session.firstChanges({ rows: 1, characters: 1 }),
  ]) {
    const error = await ask().catch((thrown: unknown) => thrown);
    if (error instanceof Error) expect(error).toBeInstanceOf(StacksError);
  }
}

async function expectNoticed(pool: TestPool, reason: Damage['reason']): Promise<void> {
  const noticed = () =>
    pool.reported.flatMap((event) => (event.type === 'rewind-impossible' ? [[event.test?.title, event.reason]] : []));
  await expect.poll(noticed).toEqual(reason === undefined ? [] : [['does it', reason]]);
}

async function expectFresh(pool: TestPool, worker: Worker, damage?: Damage): Promise<void> {
  const { between } = worker;
  await between.begin(step('after'));
  expect(await rows(pool)).toEqual([[], [1]]);
  if (damage) await hurt(pool, damage, worker);
  await between.end(step('after'), 'passed');
}

/** By a connection of its own: those of before may have ended. */
async function rows(pool: TestPool): Promise<number[][]> {
  const client = await pool.connect(pool.database);
  const bag = await client.query<{ id: number }>('SELECT id FROM bag');
  const keyed = await client.query<{ id: number }>('SELECT id FROM keyed WHERE times = 0');
  await client.end();
  return [bag, keyed].map((found) => found.rows.map(({ id }) => id));
}
