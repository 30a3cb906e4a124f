// A small application that writes a row after it has answered: no test after the first sight of it finds the row of another.
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import type { Step } from './between-tests.ts';
import { TestPool } from './testing/pool.ts';

const SCHEMA = 'CREATE TABLE note (id int); CREATE TABLE audit (id int)';

interface Played {
  /** By number, the tests that found a row of another. */
  readonly wrong: readonly number[];
  /** Before which the application was seen to write late; undefined: it never was. */
  readonly sight: number | undefined;
}

/** Tests that each make a note, of which the audit row comes `lateness` ms after: so many after the first sight of it. */
async function play(pool: TestPool, lateness: number, after: number): Promise<Played> {
  await pool.openAgain();
  const { between, session } = await pool.lease('a');
  const background = await pool.connect(pool.database);
  const pending: Promise<unknown>[] = [];
  const wrong: number[] = [];
  let sight: number | undefined;
  for (let n = 0; n < (sight ?? MOST_BEFORE) + after; n += 1) {
    const test = { id: `${n}`, title: `${n}`, titlePath: [`${n}`], file: 'a.spec.ts', project: 'a', retry: 0 };
    const step: Step = { kind: 'test', test, isolation: 'test', group: 1, serial: undefined };
    await between.begin(step);
    if (sight === undefined && session.servers.quiet.asked('quiet').quiet > 3) sight = n;
    await pool.app.query('INSERT INTO note VALUES ($1)', [n]);
    pending.push(delay(lateness).then(() => background.query('INSERT INTO audit VALUES ($1)', [n])));
    await delay(5);
    if (await hasOthers(pool, n)) wrong.push(n);
    await between.end(step, 'passed');
  }
  await Promise.all(pending);
  await background.end();
  return { wrong, sight };
}

/** Tests in which the application is not seen to write late. */
const MOST_BEFORE = 300;

/** Whether there is a row of another test. */
async function hasOthers(pool: TestPool, own: number): Promise<boolean> {
  const { rowCount } = await pool.app.query('SELECT FROM (TABLE note UNION ALL TABLE audit) AS r WHERE id <> $1', [
    own,
  ]);
  return rowCount !== 0;
}

for (const [lateness, after] of [
  [30, 20],
  [5, 200],
  [30, 200],
  [100, 200],
] as const) {
  const tag = after < 200 ? [] : '@matrix';
  test(`an application that writes ${lateness} ms after it has answered harms none of ${after} tests after the first sight of it`, {
    tag,
  }, async () => {
    test.setTimeout(240_000);
    const pool = await TestPool.start('18', SCHEMA, 'postgres');
    const { wrong, sight } = await play(pool, lateness, after);
    await pool.close();
    const before = wrong.filter((n) => n < (sight ?? Number.POSITIVE_INFINITY));
    test.info().annotations.push({
      type: 'figures',
      description: `first sight before test ${sight}, wrong before it: ${before.length}`,
    });
    expect(sight).toBeDefined();
    expect(wrong.filter((n) => !before.includes(n))).toEqual([]);
  });
}
