// The functions that `withStacks` puts under three of Playwright's options. Playwright takes a function there for a
// fixture and sets it up, also in suites that know nothing of us: the one under a worker's option first of all in a
// worker, before the user's own worker fixtures; those under two of a context's around every hook and test, after the
// worker fixtures that the context needs. Two, so that a file's own `test.use({ timezoneId })` displaces one of them
// only; whichever comes first does the work.
import type { TestInfo, WorkerInfo } from '@playwright/test';
import { test as base } from '@playwright/test';
import { plainError } from '../../errors.ts';
import { readRunFile } from '../../lease/run-file.ts';
import { slotBaseURL } from '../base-url.ts';
import { isHook } from '../private.ts';
import { newConnections } from './connections-made.ts';
import { changeContextOptions } from './context-options.ts';
import { onSlot, rewriteURLs } from './development-rewrites.ts';
import { takeVisits, visitError, watchVisits, withoutPostgres } from './development-visits.ts';
import { isolate, type ProjectIsolation } from './isolation.ts';
import { noteFile } from './left-open.ts';
import { showWritten } from './project-use.ts';
import { watchRequests } from './requests-made.ts';
import { restoreVariables } from './slot-variables.ts';
import { noteStorageState, withFittingState } from './storage-state.ts';
import { testRef } from './test-ref.ts';
import { withoutItsTime } from './without-its-time.ts';
import { type Claim, currentSession, enterGroup, enterStack, noteEntered } from './worker-session.ts';
import { worker } from './worker-state.ts';

type Use = (value: unknown) => Promise<void>;
type TestFixture = (fixtures: never, use: Use, testInfo: TestInfo) => Promise<void>;
type WorkerFixture = (fixtures: never, use: Use, workerInfo: WorkerInfo) => Promise<void>;

/** What a project's tests need. */
export interface ProjectStack extends Claim, ProjectIsolation {
  /** The ports of the developer's own servers. */
  readonly developmentPorts: readonly string[];
  /** What comes of a test that goes there. */
  readonly developmentOrigin: 'error' | 'warn' | 'rewrite' | 'allow';
}

/** Our functions, by the options that carry them. */
export interface InjectedFixtures {
  readonly channel: WorkerFixture;
  readonly timezoneId: TestFixture;
  readonly serviceWorkers: TestFixture;
}

/**
 * @param own the user's values of these options, which tests still get; where absent, Playwright's default
 */
export function injectedFixtures(own: Readonly<Record<string, unknown>>, project: ProjectStack): InjectedFixtures {
  return {
    // Playwright reads the parameters from the source: they must stay object patterns, and name the option itself.
    channel: async ({ channel, playwright }: { channel: unknown; playwright: object }, use, workerInfo) => {
      showWritten(workerInfo.config);
      await outsideTimeout(workerInfo, () => enterStack(workerInfo, project));
      prepareContexts(playwright, project);
      await use(own.channel ?? channel);
    },
    timezoneId: async ({ timezoneId, storageState }: { timezoneId: unknown; storageState: unknown }, use, testInfo) => {
      noteStorageState(storageState);
      await onStack(testInfo, project, () => use(own.timezoneId ?? timezoneId));
    },
    serviceWorkers: async (
      { serviceWorkers, storageState }: { serviceWorkers: unknown; storageState: unknown },
      use,
      testInfo,
    ) => {
      noteStorageState(storageState);
      await onStack(testInfo, project, () => use(own.serviceWorkers ?? serviceWorkers));
    },
  };
}

/** What tests give to contexts that they make, and where these go. */
function prepareContexts(playwright: object, project: ProjectStack): void {
  const stack = () => currentSession()?.stack;
  const rewrites = project.developmentOrigin === 'rewrite';
  changeContextOptions(playwright, (asked) => {
    const options = withFittingState(asked, project.servers);
    const leased = stack();
    if (!rewrites || !leased || typeof options.baseURL !== 'string') return options;
    return { ...options, baseURL: onSlot(options.baseURL, leased, project) };
  });
  if (rewrites) rewriteURLs(playwright, stack, project);
  watchVisits(playwright, project.developmentPorts);
  watchRequests(playwright);
}

/** Of a slot that got its names after the run had begun, as in UI mode: they come with the lease. */
export function leasedBaseURL(own: Readonly<Record<string, unknown>>, project: ProjectStack): { baseURL: TestFixture } {
  return {
    baseURL: async ({ baseURL }: { baseURL: unknown }, use, testInfo) => {
      await withoutItsTime(testInfo, () => enterStack(testInfo, project));
      await use(withLeasedBaseURL(own, project).baseURL ?? baseURL);
    },
  };
}

/** `own` as it reads once the stack is leased. */
export function withLeasedBaseURL(
  own: Readonly<Record<string, unknown>>,
  { servers }: ProjectStack,
): Readonly<Record<string, unknown>> {
  return {
    ...own,
    get baseURL() {
      const stack = currentSession()?.stack;
      return stack ? slotBaseURL(own.baseURL, stack, servers) : own.baseURL;
    },
  };
}

/** For a project without a stack, over what it inherits: its tests run as without us, on the developer's own server. */
export function withoutStack(own: Readonly<Record<string, unknown>>): InjectedFixtures {
  return {
    channel: async ({ launchOptions }: { launchOptions: { channel?: unknown } }, use, workerInfo) => {
      showWritten(workerInfo.config);
      const file = readRunFile();
      if (file) restoreVariables(file);
      await use(own.channel ?? launchOptions.channel);
    },
    timezoneId: async ({ timezoneId }: { timezoneId: unknown }, use, testInfo) => {
      showWritten(testInfo.config);
      noteEntered(testInfo.testId);
      await use(own.timezoneId ?? timezoneId);
    },
    serviceWorkers: async ({ serviceWorkers }: { serviceWorkers: unknown }, use) =>
      use(own.serviceWorkers ?? serviceWorkers),
  };
}

async function onStack(testInfo: TestInfo, project: ProjectStack, body: () => Promise<void>): Promise<void> {
  if (worker.isInside) return body();
  worker.isInside = true;
  showWritten(testInfo.config);
  try {
    noteEntered(testInfo.testId);
    const entry = await withoutItsTime(testInfo, () => enterIsolated(testInfo, project));
    if ('skip' in entry) return refuse(testInfo, entry.skip);
    const { session, after } = entry;
    noteFile(testInfo, session);
    const test = testRef(testInfo);
    const kind = isHook(testInfo) ? 'hook' : 'test';
    session.emit({ type: `${kind}-began`, test });
    try {
      await body();
    } finally {
      session.emit({ type: `${kind}-ended`, test, status: testInfo.status ?? 'passed' });
      await after();
    }
    const crash = session.servers.takeCrash();
    if (crash) throw plainError(crash);
    const ports = withoutPostgres(project.developmentPorts, session.stack);
    const visited = await session.prove(await newConnections(session.stack, ports));
    const visits = takeVisits(session.stack, ports);
    if (visited) throw plainError(visited);
    if (visits.length === 0 || project.developmentOrigin === 'allow') return;
    const failed = project.developmentOrigin !== 'warn';
    session.emit({ type: 'development-visited', test, origins: visits, url: session.stack.url, failed });
    if (failed) throw plainError(visitError(visits, session.stack).message);
  } finally {
    noteStorageState(undefined);
    worker.isInside = false;
  }
}

async function enterIsolated(testInfo: TestInfo, project: ProjectStack) {
  const entry = await enterStack(testInfo, project);
  if ('skip' in entry) return entry;
  await enterGroup(entry);
  return { session: entry.session, after: await isolate(entry, testInfo, project) };
}

/** A skipped retry would turn the failure that came before it into "flaky": that one fails again. */
function refuse(testInfo: TestInfo, reason: string): void {
  if (testInfo.retry > 0) throw new Error(reason);
  testInfo.skip(true, reason);
}

/** Waiting for a stack is not limited by the timeout of worker fixtures: the lease has a deadline of its own. */
async function outsideTimeout(workerInfo: WorkerInfo, wait: () => Promise<unknown>): Promise<void> {
  const { timeout } = workerInfo.project;
  const began = performance.now();
  base.info().setTimeout(0);
  try {
    await wait();
  } finally {
    base.info().setTimeout(timeout === 0 ? 0 : timeout + Math.ceil(performance.now() - began));
  }
}
