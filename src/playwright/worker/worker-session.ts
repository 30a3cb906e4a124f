// What one worker process knows of its stack: the lease, taken once, and what goes with it.
import { writeFileSync } from 'node:fs';
import { test, type WorkerInfo } from '@playwright/test';
import type { Sequences, ServerOptions } from '../../config/options.ts';
import { errorFromWire, StacksError } from '../../errors.ts';
import type { Statement } from '../../failure/failure.ts';
import { Lease } from '../../lease/client.ts';
import { type RunFile, readRunFile, unleasedMark } from '../../lease/run-file.ts';
import { writeError } from '../../text/terminal.ts';
import type { CountedStatements } from '../../worker/counted-statements.ts';
import type { Session } from '../../worker/session.ts';
import type { Ready } from '../../worker/stack-lease.ts';
import { WatchedTests, watchReports } from '../private.ts';
import { watchConnections } from './connections-made.ts';
import { emitLeftOpen } from './left-open.ts';
import { endSteps, onStep, showStep } from './shown-steps.ts';
import { adoptVariables } from './slot-variables.ts';
import { type Entry, type LeasedStack, worker } from './worker-state.ts';

/** What is asked for. */
export interface Claim {
  readonly variant: string;
  /** As the user wrote them. */
  readonly servers: readonly ServerOptions[];
  /** Of the project's; undefined: as the databases' options say. */
  readonly sequences: Sequences | undefined;
}

/**
 * This worker's stack, where leases start. Waits on the first call, and asks nobody after that.
 * @throws STACK_NOT_LEASED, or what the stack could not be opened for
 */
export function enterStack(info: WorkerInfo, claim: Claim): Promise<Entry> {
  worker.entry ??= enter(info, claim);
  return worker.entry;
}

/** The session of this worker, if a stack was entered. */
export function currentSession(): Session | undefined {
  return worker.stack?.session;
}

/** Of the application, since the test that runs began; undefined: they are not logged. */
export async function currentStatements(): Promise<readonly Statement[] | undefined> {
  return worker.observed?.allStatements();
}

async function enter(info: WorkerInfo, { variant, servers, sequences }: Claim): Promise<Entry> {
  const file = readRunFile();
  if (!file) throw notSetUp();
  // Loaded here: a worker whose project has no stack needs none of it.
  const modules = Promise.all([
    import('../../worker/session.ts'),
    import('../../worker/server-state.ts'),
    import('../../worker/between-tests.ts'),
    import('../../worker/observed-test.ts'),
  ]);
  const { parallelIndex: slot, workerIndex, project } = info;
  const claim = { slot, variant, worker: workerIndex, project: project.name };
  const [{ lease, response }, [{ Session }, { ServerState }, { BetweenTests }, { ObservedTest }]] = await Promise.all([
    Lease.take(file, claim, { on: onStep, end: endSteps }),
    modules,
  ]);
  if (response.type === 'skip') return { skip: response.reason };
  if (response.type === 'failed') throw errorFromWire(response.error);
  worker.hasSlot = true;
  adoptVariables(response.stack, file);
  const [session, counted] = await Promise.all([
    Session.begin(lease, response, new ServerState(servers, response.stack), sequences),
    countedStatements(file, response),
  ]);
  emitLeftOpen(session);
  worker.stack = {
    session,
    between: new BetweenTests(session, showStep),
    observe: () => new ObservedTest(session, file.statements, counted),
  };
  return worker.stack;
}

/** Undefined: they are not counted. */
async function countedStatements(
  { counting }: RunFile,
  { rewindable, stack }: Ready,
): Promise<CountedStatements | undefined> {
  const [first] = rewindable.databases;
  if (!counting || !first) return undefined;
  const { CountedStatements } = await import('../../worker/counted-statements.ts');
  return new CountedStatements(counting, first.url, stack.databaseUrl);
}

/** Called while the config loads, before the first group. A test that passes without a stack fails the run. */
export function watchWorker(file: RunFile): void {
  if (worker.watched) return;
  worker.watched = new WatchedTests(test, worker.audit?.arrange);
  watchConnections();
  watchReports({
    onPassed: (id) => {
      if (worker.entered.has(id)) return;
      const error = withoutStack();
      writeError(`${error.message}\n`);
      writeFileSync(unleasedMark(file), error.message);
    },
    onGroupOver: () => {
      worker.hasSlot = false;
      worker.stack?.session.endGroup();
    },
  });
}

/** A test or hook is to begin: the first of a group waits until the machine has a slot for it. */
export async function enterGroup({ session }: LeasedStack): Promise<void> {
  if (!worker.hasSlot) await session.beginGroup();
  worker.hasSlot = true;
}

/** Our fixture was set up around the test. */
export function noteEntered(testId: string): void {
  worker.entered.add(testId);
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
