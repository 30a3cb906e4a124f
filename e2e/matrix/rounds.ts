// Scenarios that are played round after round. STACKS_ROUNDS says how many.
import { expect, type RunResult } from '../harness/test.ts';

export const ROUNDS = Number(process.env.STACKS_ROUNDS ?? 50);
/** Milliseconds for a run that has all rounds. */
export const timeout = 180_000 + ROUNDS * 20_000;

/** The beginning of a spec file. All tests of a round run at once, so that each has a slot of its own. */
export const ROUND = `
  import { appendFileSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
  import { expect, test } from 'playwright-stacks';
  const rounds = Array.from({ length: ${ROUNDS} }, (_, round) => round);
  async function allBegan(round, name, count) {
    mkdirSync('begun/' + round, { recursive: true });
    writeFileSync('begun/' + round + '/' + name, '');
    await expect.poll(() => readdirSync('begun/' + round).length, { timeout: 55_000 }).toBe(count);
  }
  /** Who has a lock and who waits for it; asked by the worker, and not by the test. */
  const queueOf = (stack, name) =>
    stack.lock(name, { timeout: 1 }).then((held) => held.release(), ({ message }) => message);
  const untilQueued = (stack, name, title) =>
    expect.poll(() => queueOf(stack, name), { timeout: 55_000, intervals: [20] }).toContain(title + '"');
`;

export function expectAll({ report, exitCode, output }: RunResult, stats: { expected: number; flaky: number }): void {
  expect(report?.stats, output.slice(-5_000)).toMatchObject({ ...stats, unexpected: 0, skipped: 0 });
  expect(exitCode).toBe(0);
}
