// `expect` with `toHaveChanged`.
import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import { expect as base } from '@playwright/test';
import type { Change, Row } from '../rewind/changes.ts';
import type { StackDatabase } from './database-fixture.ts';

/** A change as a test expects it: what is left out may be anything; of rows, the columns that are named count. */
export interface ExpectedChange {
  /** `public.notes`. */
  readonly table: string;
  readonly op: Change['op'];
  readonly key?: Row;
  readonly before?: Row;
  readonly after?: Row;
}

interface Result {
  readonly pass: boolean;
  readonly name: string;
  readonly message: () => string;
}

/**
 * Waits until the net row changes since the test began are the expected ones, in any order: no more and no fewer.
 * @param options.timeout milliseconds; default: 5,000, as that of Playwright's own
 */
async function toHaveChanged(
  this: { readonly isNot: boolean },
  db: Pick<StackDatabase, 'changes'>,
  expected: readonly ExpectedChange[],
  options: { readonly timeout?: number } = {},
): Promise<Result> {
  const deadline = performance.now() + (options.timeout ?? 5_000);
  for (let pause = 10; ; pause = Math.min(pause * 2, 250)) {
    const changes = await db.changes();
    const pass = match(changes, expected);
    if (pass !== this.isNot || performance.now() > deadline) {
      return { pass, name: 'toHaveChanged', message: () => explain(changes, expected) };
    }
    await sleep(pause);
  }
}

/** Playwright's `expect`, with `await expect(db).toHaveChanged([{ table: 'public.notes', op: 'insert' }])`. */
export const expect: ReturnType<typeof base.extend<{ toHaveChanged: typeof toHaveChanged }>> = base.extend({
  toHaveChanged,
});

/** Either kind. */
type Loose = { readonly [Key in keyof ExpectedChange]: ExpectedChange[Key] | undefined };

function match(changes: readonly Change[], expected: readonly ExpectedChange[]): boolean {
  return changes.length === expected.length && pairOff(changes, expected).missing.length === 0;
}

/** Each expected change takes one that fits; those that ask for most choose first. */
function pairOff(
  changes: readonly Change[],
  expected: readonly ExpectedChange[],
): { missing: ExpectedChange[]; surplus: Change[] } {
  const surplus = [...changes];
  const detail = (change: ExpectedChange) => JSON.stringify(change).length;
  const missing = [...expected]
    .sort((a, b) => detail(b) - detail(a))
    .filter((wanted) => {
      const index = surplus.findIndex((change) => fits(change, wanted));
      if (index < 0) return true;
      surplus.splice(index, 1);
      return false;
    });
  return { missing, surplus };
}

function fits(change: Change, { table, op, key, before, after }: ExpectedChange): boolean {
  const sameTable = change.table === table || change.table === `public.${table}`;
  return (
    sameTable &&
    change.op === op &&
    holds(change.key, key) &&
    holds(change.before, before) &&
    holds(change.after, after)
  );
}

function holds(row: Row | undefined, wanted: Row | undefined): boolean {
  return Object.entries(wanted ?? {}).every(([column, value]) => isDeepStrictEqual(row?.[column], value));
}

function explain(changes: readonly Change[], expected: readonly ExpectedChange[]): string {
  const { missing, surplus } = pairOff(changes, expected);
  const lines = [...missing.map((change) => `  - ${line(change)}`), ...surplus.map((change) => `  + ${line(change)}`)];
  const kept = changes.length - surplus.length;
  if (lines.length === 0)
    return `the test changed just what it was not to: ${changes.map(line).join('; ') || 'nothing'}`;
  return [`the database has not changed as expected (- expected, + is there; ${kept} as expected):`, ...lines].join(
    '\n',
  );
}

function line({ table, op, key, before, after }: Loose): string {
  const parts = { key, before, after };
  const told = Object.entries(parts).flatMap(([name, row]) => (row ? [`${name} ${JSON.stringify(row)}`] : []));
  return [op, table, ...told].join(' ');
}
