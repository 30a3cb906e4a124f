// What is private in Playwright (seen on 1.50.1, 1.57.0, 1.65.1). With private-suites.ts the only file that knows it.
import { createRequire } from 'node:module';
import type { TestInfo } from '@playwright/test';
import type { FullConfig, Suite } from '@playwright/test/reporter';
import { type PrivateCase, type PrivateSuite, type Registration, watchAllTests } from './private-suites.ts';

/**
 * How many workers Playwright will use at once, as its reporters say in `onBegin`: no more than `workers`, a project's own
 * and the groups of a phase of projects allow. Undefined where this version does not tell.
 */
export function usedWorkers({ metadata, workers }: Pick<FullConfig, 'metadata' | 'workers'>): number | undefined {
  const used = property(metadata, 'actualWorkers');
  return typeof used === 'number' && used > 0 ? Math.min(used, workers) : undefined;
}

/** How many `globalSetup`s a config has, ours among them; undefined where this version does not tell. */
export function globalSetupsOf(config: object): number | undefined {
  const symbol = Object.getOwnPropertySymbols(config).find(({ description }) => description === 'configInternalSymbol');
  const all = symbol && property(Reflect.get(config, symbol), 'globalSetups');
  return Array.isArray(all) ? all.length : undefined;
}

/** What this worker reports to the runner. */
export interface WorkerReports {
  /** A test has passed. */
  onPassed(id: string): void;
  /** A group of tests is over, its hooks too. */
  onGroupOver(): void;
}

export function watchReports({ onPassed, onGroupOver }: WorkerReports): void {
  const send = process.send?.bind(process);
  if (!send) return;
  process.send = (message: unknown, ...rest: never[]) => {
    const params = property(message, 'params');
    const method = property(params, 'method');
    const result = property(params, 'params');
    if (method === 'testEnd' && property(result, 'status') === 'passed') onPassed(String(property(result, 'testId')));
    if (method === 'done') onGroupOver();
    return send(message, ...rest);
  };
}

/** What Playwright has this worker run: its groups of tests, and the tests as Playwright holds them. */
export class WatchedTests {
  /** The first `runTestGroup` is what made the worker load the config: only later ones are seen here. */
  #groups = 1;
  #file: string | undefined;
  #isStopping = false;
  readonly #cases = new Map<string, PrivateCase>();
  readonly #wrapped = new WeakSet<Registration>();

  /**
   * @param test Playwright's own; made while the config loads, before any test file does
   * @param before may change the suite of which all tests are asked for
   */
  constructor(test: object, before?: (suite: PrivateSuite) => void) {
    process.on('message', (message) => {
      const method = property(property(message, 'params'), 'method') ?? property(message, 'method');
      if (method === 'runTestGroup') this.#groups += 1;
      if (method === '__stop__') this.#isStopping = true;
    });
    const after = (tests: readonly PrivateCase[]) => {
      for (const each of tests) this.#cases.set(each.id, each);
    };
    watchAllTests(test, { ...(before && { before }), after });
  }

  /**
   * The number of the current group; every group shares one run of `beforeAll`.
   * @param file of the test or hook that asks: another file is another group in any case
   */
  groupOf(file: string | undefined): number {
    if (file !== undefined && this.#file !== undefined && file !== this.#file) this.#groups += 1;
    this.#file = file ?? this.#file;
    return this.#groups;
  }

  /** Whether the runner has asked this worker to end: what is left to do is to tear down its fixtures. */
  get isStopping(): boolean {
    return this.#isStopping;
  }

  /** The outermost serial group that the test, or the hook that runs now, is in. */
  serialGroup(testInfo: TestInfo): object | undefined {
    const chain: PrivateSuite[] = [];
    for (let suite = this.#cases.get(testInfo.testId)?.parent; suite; suite = suite.parent) chain.unshift(suite);
    const outermost = chain.findIndex(({ _parallelMode }) => _parallelMode === 'serial');
    if (outermost < 0) return undefined;
    if (isHook(testInfo)) {
      const running = property(property(testInfo, '_timeoutManager'), '_running');
      const location = property(property(running, 'runnable'), 'location');
      const owner = chain.findIndex(({ _hooks }) => _hooks?.some((hook) => hook.location === location));
      if (owner < outermost) return undefined;
    }
    return chain[outermost];
  }

  /** The value of an option for this test; undefined where it is not one, or is computed. */
  optionOf(testInfo: TestInfo, name: string): unknown {
    const value = this.#registrationsOf(testInfo)?.get(name)?.fn;
    return typeof value === 'function' ? undefined : value;
  }

  /** Has `begin` called before a user's worker fixture is set up, and what it returns after that. */
  aroundWorkerFixtures(testInfo: TestInfo, begin: (name: string) => Promise<() => Promise<void>>): void {
    for (const registration of this.#registrationsOf(testInfo)?.values() ?? []) {
      const { name, scope, option, fn, location } = registration;
      const isUsers = scope === 'worker' && !option && !/[\\/]node_modules[\\/]playwright/.test(location.file);
      if (!isUsers || typeof fn !== 'function' || this.#wrapped.has(registration)) continue;
      this.#wrapped.add(registration);
      registration.fn = async (fixtures: unknown, use: (value: unknown) => Promise<void>, info: unknown) => {
        const end = await begin(name);
        await fn(
          fixtures,
          async (value: unknown) => {
            await end();
            await use(value);
          },
          info,
        );
      };
    }
  }

  #registrationsOf({ testId }: TestInfo): ReadonlyMap<string, Registration> | undefined {
    return this.#cases.get(testId)?._pool?._registrations;
  }
}

/** Calls `onContext` with every browser context and request context that this worker makes. */
export function onNewContext(playwright: object, onContext: (context: object) => void): void {
  const instrumentation = property(playwright, '_instrumentation');
  const listen = property(instrumentation, 'addListener');
  if (typeof listen !== 'function') return;
  const listener = async (context: object) => onContext(context);
  listen.call(instrumentation, { runAfterCreateBrowserContext: listener, runAfterCreateRequestContext: listener });
}

/**
 * Begins a step under the hooks that run now, where the report shows it: steps of a fixture that is under an option are
 * hidden with it. Returns what ends it. Neither ever throws: it is a picture of the work, and the work goes on.
 */
export function beginStep(testInfo: TestInfo, title: string): () => void {
  const end = quietly(() => addStep(testInfo, title));
  return () => quietly(() => end?.());
}

function quietly<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined; // the test is over, or it is another Playwright
  }
}

function addStep(testInfo: TestInfo, title: string): () => void {
  const { file, line, column } = testInfo;
  const location = { file, line, column };
  const steps = property(testInfo, '_steps');
  const add = property(testInfo, '_addStep');
  const hooks =
    Array.isArray(steps) && steps.findLast(({ category, endWallTime }) => category === 'hook' && !endWallTime);
  if (!hooks || typeof add !== 'function') return () => {};
  const step = add.call(testInfo, { category: 'test.step', title, location, stack: [location] }, hooks);
  return () => step.complete({});
}

/** Whether Playwright passes over files of a project that `.gitignore` names: where the config has no `testDir`. */
export function readsGitignore(projectSuite: Suite): boolean {
  return property(property(projectSuite, '_fullProject'), 'respectGitIgnore') === true;
}

/** Whether a reporter that gets these options is to show merged reports. */
export function isMerging(options: object): boolean {
  return property(options, '_mode') === 'merge';
}

/** UI mode and the IDE: one long run, whose number of workers may grow from click to click. */
export function isTestServer(): boolean {
  return process.argv.some((word) => word === '--ui' || word === 'test-server' || word.startsWith('--ui-'));
}

/** Whether the fixture is being set up for a `beforeAll` or `afterAll` hook, and not for a test. */
export function isHook(testInfo: TestInfo): boolean {
  const current = property(testInfo, '_currentHookType');
  const type = typeof current === 'function' ? current.call(testInfo) : undefined;
  return type === 'beforeAll' || type === 'afterAll';
}

type Options = Readonly<Record<string, unknown>>;

/** Lets `change` see what every `test.use()` of this worker's test files is given. Called before they are loaded. */
export function changeUsedOptions(change: (options: Options) => Options): void {
  // The copy of Playwright that runs this worker, whatever else is installed.
  const { test } = createRequire(process.argv[1] ?? import.meta.url)('playwright/test');
  const implementation = Object.getOwnPropertySymbols(test).map((symbol) => test[symbol])[0];
  const kind = Object.getPrototypeOf(implementation);
  const { _use: use } = kind;
  kind._use = function (this: unknown, location: unknown, options: Options) {
    return use.call(this, location, change(options));
  };
  // Playwright's own `test` was made before, with what `_use` was then.
  const { use: own } = test;
  test.use = (options: Options) => own(change(options));
}

function property(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}
