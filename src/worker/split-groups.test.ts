// A group whose worker ends before it is over: the tests that the next worker gets find none of its rows, and a failure says whose.
import { test as base, expect } from '@playwright/test';
import type { Step } from './between-tests.ts';
import { SCHEMA } from './testing/play.ts';
import { TestPool } from './testing/pool.ts';

const test = base.extend<{ pool: TestPool }>({
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads fixture names from the pattern.
  pool: async ({}, use) => {
    const pool = await TestPool.start('18', SCHEMA, 'postgres');
    await pool.openAgain();
    await use(pool);
    await pool.close();
  },
});

test('what a group kept when its worker ended is told with its last test by the next worker, and only that', async ({
  pool,
}) => {
  const refOf = (title: string) => {
    return { id: title, title, titlePath: [title], file: `${title}.spec.ts`, project: 'a', retry: 0 };
  };
  /** A worker that runs these tests, and ends; when it has been heard of to the end. */
  const run = async (tests: readonly (readonly [string, Partial<Step>, number])[]): Promise<void> => {
    const { between, session } = await pool.lease('a');
    for (const [title, rest, rows] of tests) {
      const step: Step = { kind: 'test', test: refOf(title), isolation: 'test', group: 1, serial: undefined, ...rest };
      await between.begin(step);
      if (rows > 0) await pool.app.query('INSERT INTO bag SELECT g, 0 FROM generate_series(1, $1) g', [rows]);
      await between.end(step, 'passed');
    }
    const said = pool.reported.length;
    session.emit({ type: 'test-began', test: refOf('the last') });
    await expect.poll(() => pool.reported.slice(said).some(({ type }) => type === 'test-began')).toBe(true);
  };
  const told = async (): Promise<unknown> => {
    const before = pool.reported.length;
    await run([]);
    return pool.reported
      .slice(before)
      .flatMap((event) => (event.type === 'rewound' ? [[event.test?.title, event.rows, event.scope]] : []));
  };
  await run([
    ['one', { isolation: 'file' }, 2],
    ['two', { isolation: 'file' }, 1],
  ]);
  expect(await told()).toEqual([['two', 3, 'group']]);
  await run([['three', { serial: {} }, 4]]);
  expect(await told()).toEqual([['three', 4, 'group']]);
  // That group was over; what a hook makes is made again.
  await run([
    ['four', { isolation: 'file' }, 5],
    ['five', { group: 2 }, 0],
    ['six', { group: 2, kind: 'hook' }, 6],
  ]);
  expect(await told()).toEqual([]);
  await run([['seven', { isolation: 'file' }, 0]]);
  expect(await told()).toEqual([]);
});
