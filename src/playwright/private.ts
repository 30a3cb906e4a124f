// What is private in Playwright, and the only file that knows it (seen on 1.50.1, 1.57.0, 1.65.1).
import { createRequire } from 'node:module';
import type { TestInfo } from '@playwright/test';

let groups = 0;
let file: string | undefined;

/** Counts the groups of tests that the runner hands to this worker. Called while the config loads, before the first. */
export function watchGroups(): void {
  if (groups > 0) return;
  groups = 1;
  // The first `runTestGroup` is what made the worker load the config: only later ones are seen here.
  process.on('message', (message) => {
    const method = property(property(message, 'params'), 'method') ?? property(message, 'method');
    if (method === 'runTestGroup') groups += 1;
  });
}

/**
 * The number of the current group; every group shares one run of `beforeAll`.
 * @param testFile the file of the test or hook that asks: another file is another group in any case
 */
export function currentGroup(testFile: string | undefined): number {
  if (testFile !== undefined && file !== undefined && testFile !== file) groups += 1;
  file = testFile ?? file;
  return groups;
}

/** Calls `told` with the title of each test that passes in this worker, as the worker reports it to the runner. */
export function watchPassed(told: (id: string) => void): void {
  const send = process.send?.bind(process);
  if (!send) return;
  process.send = (message: unknown, ...rest: never[]) => {
    const params = property(message, 'params');
    const result = property(params, 'params');
    if (property(params, 'method') === 'testEnd' && property(result, 'status') === 'passed') {
      told(String(property(result, 'testId')));
    }
    return send(message, ...rest);
  };
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
