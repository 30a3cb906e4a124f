// What one worker process knows of its stack: the lease, and for which group it is fresh.

import { writeFileSync } from 'node:fs';
import type { TestInfo } from '@playwright/test';
import { plainError, StacksError } from '../errors.ts';
import { Lease } from '../pool/lease-client.ts';
import type { Answer } from '../pool/protocol.ts';
import { type RunFile, readRunFile, type StackInfo, unleasedMark } from '../pool/run-file.ts';
import { currentGroup, watchGroups, watchPassed } from './private.ts';

/** The outcome of asking for the stack: it is there, or the test is to be skipped. */
export type Entry = { readonly stack: StackInfo } | { readonly skip: string };

let lease: Lease | undefined;
/** The ids of the tests that our fixture was set up around. */
const entered = new Set<string>();
let fresh: { readonly group: number; readonly entry: Promise<Entry> } | undefined;

/**
 * This worker's stack, fresh for the current group. Waits on the first call of a group, and asks nobody after that.
 * @throws STACK_NOT_LEASED, or what the stack could not be opened for
 */
export function enterStack(
  worker: Pick<TestInfo, 'parallelIndex' | 'workerIndex'>,
  variant: string,
  testFile?: string,
): Promise<Entry> {
  const group = currentGroup(testFile);
  if (fresh?.group !== group) fresh = { group, entry: enter(worker, variant) };
  return fresh.entry;
}

async function enter(worker: Pick<TestInfo, 'parallelIndex' | 'workerIndex'>, variant: string): Promise<Entry> {
  if (lease) return entryOf(await lease.nextGroup());
  const file = readRunFile();
  if (!file) throw notSetUp();
  const claim = { slot: worker.parallelIndex, variant, worker: worker.workerIndex };
  const taken = await Lease.take(file, claim);
  lease = taken.lease;
  return entryOf(taken.answer);
}

function entryOf(answer: Answer): Entry {
  if (answer.type === 'skip') return { skip: answer.reason };
  if (answer.type === 'ready') {
    adoptEnvironment(answer.stack);
    return { stack: answer.stack };
  }
  throw plainError(answer.message);
}

/** The slot's variables, for helpers that read `process.env` and for `baseURL`'s own default. */
export function adoptEnvironment(stack: StackInfo): void {
  Object.assign(process.env, stack.env);
  if (stack.url) process.env.PLAYWRIGHT_TEST_BASE_URL = stack.url;
}

/** Called while the config loads, before the first group. A test that passes without a stack fails the run. */
export function watchWorker(file: RunFile): void {
  watchGroups();
  watchPassed((test) => {
    if (entered.has(test)) return;
    const error = withoutStack();
    process.stderr.write(`${error.message}\n`);
    writeFileSync(unleasedMark(file), error.message);
  });
}

function withoutStack(): StacksError {
  return new StacksError('STACK_NOT_LEASED', 'a test passed without a stack: our fixture was never set up around it.', {
    hint: 'keep the `use` that withStacks() returns: spread it, do not replace it; and do not set both `acceptDownloads` and `bypassCSP` in one `test.use()`, which carry the fixture.',
  });
}

/** What our run put into this process before it was known whose stack is needed: better none than another's. */
export function forgetEnvironment({ stacks: [any] }: RunFile): void {
  for (const name of [...Object.keys(any?.env ?? {}), 'PLAYWRIGHT_TEST_BASE_URL']) delete process.env[name];
}

/** Tells the pool which test is on the stack now; it is a note for events, and costs no wait. */
export function tellTest(phase: 'began' | 'ended', test: { readonly id: string; readonly title: string }): void {
  entered.add(test.id);
  lease?.tell(phase, test.title);
}

function notSetUp(): StacksError {
  return new StacksError('STACK_NOT_LEASED', 'this worker found no run of playwright-stacks to take its stack from.', {
    hint: 'wrap the config: `export default withStacks(defineConfig({ … }), { … })`, and keep its `globalSetup` entries.',
  });
}
