// What is private in Playwright's suites and tests: where they are kept, and when all tests of one are asked for (seen on
// 1.50.1, 1.57.0, 1.65.1). With private.ts the only file that knows it.

export interface PrivateSuite {
  readonly title: string;
  readonly parent?: PrivateSuite;
  readonly _type?: string;
  readonly _parallelMode?: string;
  /** What its `test.use()` calls were given. */
  readonly _use?: readonly { readonly fixtures?: Readonly<Record<string, unknown>> }[];
  readonly _hooks?: readonly { readonly location: unknown }[];
  /** Its suites and tests, in the order in which they run. */
  _entries: readonly (PrivateSuite | PrivateCase)[];
}

export interface PrivateCase {
  /** '' before it is bound to a project. */
  readonly id: string;
  readonly title: string;
  readonly parent: PrivateSuite;
  readonly annotations?: readonly { readonly type: string; readonly description?: string }[];
  readonly _projectId?: string;
  readonly _pool?: { readonly _registrations?: ReadonlyMap<string, Registration> };
}

export interface Registration {
  readonly name: string;
  readonly scope: string;
  readonly option: boolean;
  readonly location: { readonly file: string };
  fn: unknown;
}

export function isSuite(entry: PrivateSuite | PrivateCase): entry is PrivateSuite {
  return '_entries' in entry;
}

interface Watching {
  /** All tests of the suite are asked for: what it holds may be changed. */
  readonly before?: (suite: PrivateSuite) => void;
  readonly after?: (tests: readonly PrivateCase[]) => void;
}

/**
 * In the runner all tests of the run are asked for before they become groups; in a worker those of its group, bound to its
 * project, before the first one runs.
 * @param test Playwright's own; watched once, before any test file is loaded
 */
export function watchAllTests(test: object, { before, after }: Watching): void {
  const symbol = Object.getOwnPropertySymbols(test).find(({ description }) => description === 'testType');
  const type = Object.getPrototypeOf(symbol ? Reflect.get(test, symbol) : {});
  const { _currentSuite: currentSuite } = type;
  if (typeof currentSuite !== 'function') return;
  type._currentSuite = function (...args: unknown[]) {
    const suite = currentSuite.apply(this, args);
    type._currentSuite = currentSuite;
    const prototype = Object.getPrototypeOf(suite ?? {});
    const { allTests } = prototype;
    if (typeof allTests === 'function') {
      prototype.allTests = function (this: PrivateSuite): PrivateCase[] {
        before?.(this);
        const tests = allTests.call(this);
        after?.(tests);
        return tests;
      };
    }
    return suite;
  };
}
