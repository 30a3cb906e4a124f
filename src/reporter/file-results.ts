// What the reporter knows of each test file: which of its tests have ended, how, and for how long they ran.
import type { TestCase, TestResult } from '@playwright/test/reporter';
import { SKIPPED } from '../names.ts';

export type FileStatus = 'PASS' | 'FAIL' | 'CANCELLED';

export interface FileResult {
  /** Relative to Playwright's `rootDir`. The file that was loaded, not a helper in which `test()` was called. */
  readonly file: string;
  /** Several projects run one file several times; the name is '' where there is only one without a name. */
  readonly project: string;
  readonly status: FileStatus;
  readonly tests: number;
  readonly failed: number;
  /** Milliseconds: its tests' durations together, retries included. */
  readonly ms: number;
}

export class FileResults {
  readonly #files = new Map<string, TestCase[]>();
  readonly #ms = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(tests: readonly TestCase[] = []) {
    for (const test of tests) {
      const key = keyOf(test);
      this.#files.set(key, [...(this.#files.get(key) ?? []), test]);
    }
  }

  get size(): number {
    return this.#files.size;
  }

  /** Whether any file's result was told. */
  get reported(): boolean {
    return this.#told.size > 0;
  }

  /** Takes an ended test; returns its file's result when that was the file's last. */
  add(test: TestCase, result: TestResult): FileResult | undefined {
    const key = keyOf(test);
    this.#ms.set(key, (this.#ms.get(key) ?? 0) + result.duration);
    if (!this.#tests(key).every(isFinal)) return undefined;
    this.#told.add(key);
    return this.#result(key);
  }

  /** Every file, in the order of the suite; what did not run to its end is CANCELLED, or FAIL if a test of it failed. */
  all(): FileResult[] {
    return [...this.#files.keys()].map((key) => this.#result(key));
  }

  #tests(key: string): readonly TestCase[] {
    return this.#files.get(key) ?? [];
  }

  #result(key: string): FileResult {
    const tests = this.#tests(key);
    const failed = tests.filter((test) => test.results.length > 0 && isFailed(test)).length;
    const cancelled = tests.some((test) => !isFinal(test) || isCancelled(test));
    return {
      ...nameOf(tests[0]),
      status: failed > 0 ? 'FAIL' : cancelled ? 'CANCELLED' : 'PASS',
      tests: tests.length,
      failed,
      ms: this.#ms.get(key) ?? 0,
    };
  }
}

/** No further attempt of it will come. */
function isFinal(test: TestCase): boolean {
  const last = test.results.at(-1);
  if (!last) return false;
  return last.status === 'skipped' || test.ok() || test.results.length > test.retries;
}

/** Interrupted, or skipped by us because the run was broken. */
function isCancelled({ results, annotations }: TestCase): boolean {
  return (
    results.some(({ status }) => status === 'interrupted') ||
    annotations.some(({ type, description }) => type === 'skip' && description?.startsWith(SKIPPED))
  );
}

function isFailed(test: TestCase): boolean {
  return !test.ok() && test.results.at(-1)?.status !== 'interrupted';
}

function nameOf(test: TestCase | undefined): { readonly project: string; readonly file: string } {
  const [, project = '', file = ''] = test?.titlePath() ?? [];
  return { project, file };
}

function keyOf(test: TestCase): string {
  const { project, file } = nameOf(test);
  return `${project}\n${file}`;
}
