// What one worker process knows of its stack: the lease, taken once, and what goes with it.
import { writeFileSync } from 'node:fs';
import { test, type WorkerInfo } from '@playwright/test';
import type { ServerOptions } from '../../config/options.ts';
import { errorFromWire, StacksError } from '../../errors.ts';
import { Lease } from '../../lease/client.ts';
import { type RunFile, readRunFile, unleasedMark } from '../../lease/run-file.ts';
import { writeError } from '../../text/terminal.ts';
import type { Session } from '../../worker/session.ts';
import { watchCases, watchGroups, watchPassed } from '../private.ts';
import { adoptVariables } from './slot-variables.ts';

/** What is asked for. */
export interface Claim {
  readonly variant: string;
  /** As the user wrote them. */
  readonly servers: readonly ServerOptions[];
}

/** The outcome of asking for the stack: it is there, or tests are to be skipped. */
export type Entry = { readonly session: Session } | { readonly skip: string };

let entry: Promise<Entry> | undefined;
let session: Session | undefined;
/** The ids of the tests that our fixture was set up around. */
const entered = new Set<string>();

/**
 * This worker's stack, where leases start. Waits on the first call, and asks nobody after that.
 * @throws STACK_NOT_LEASED, or what the stack could not be opened for
 */
export function enterStack(worker: WorkerInfo, claim: Claim): Promise<Entry> {
  entry ??= enter(worker, claim);
  return entry;
}

/** The session of this worker, if a stack was entered. */
export function currentSession(): Session | undefined {
  return session;
}

async function enter(worker: WorkerInfo, { variant, servers }: Claim): Promise<Entry> {
  const file = readRunFile();
  if (!file) throw notSetUp();
  // Loaded here: a worker whose project has no stack needs none of it.
  const modules = Promise.all([import('../../worker/session.ts'), import('../../worker/server-state.ts')]);
  const { parallelIndex: slot, workerIndex, project } = worker;
  const claim = { slot, variant, worker: workerIndex, project: project.name };
  const [{ lease, answer }, [{ Session }, { ServerState }]] = await Promise.all([Lease.take(file, claim), modules]);
  if (answer.type === 'skip') return { skip: answer.reason };
  if (answer.type === 'failed') throw errorFromWire(answer.error);
  adoptVariables(answer.stack, file);
  session = await Session.begin(lease, answer, new ServerState(servers, answer.stack));
  return { session };
}

/** Called while the config loads, before the first group. A test that passes without a stack fails the run. */
export function watchWorker(file: RunFile): void {
  watchGroups();
  watchCases(test);
  watchPassed((id) => {
    if (entered.has(id)) return;
    const error = withoutStack();
    writeError(`${error.message}\n`);
    writeFileSync(unleasedMark(file), error.message);
  });
}

/** Our fixture was set up around the test. */
export function noteEntered(testId: string): void {
  entered.add(testId);
}

function withoutStack(): StacksError {
  return new StacksError('STACK_NOT_LEASED', 'a test passed without a stack: our fixture was never set up around it.', {
    hint: 'keep the `use` that withStacks() returns: spread it, do not replace it; and do not set both `timezoneId` and `serviceWorkers` in one `test.use()`, which carry the fixture.',
  });
}

function notSetUp(): StacksError {
  return new StacksError('STACK_NOT_LEASED', 'this worker found no run of playwright-stacks to take its stack from.', {
    hint: 'wrap the config: `export default withStacks(defineConfig({ … }), { … })`, and keep its `globalSetup` entries.',
  });
}
