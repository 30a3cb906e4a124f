// What the reporter knows of each test file: which of its tests are over, how, and for how long they ran.
import type { StacksEvent, TestRef } from '../events.ts';

export type FileStatus = 'PASS' | 'FAIL' | 'CANCELLED';
type Planned = Omit<TestRef, 'retry'>;
type Result = Extract<StacksEvent, { type: 'test-result' }>;

export interface FileResult {
  readonly file: string;
  /** Several projects run one file several times. */
  readonly project: string;
  readonly status: FileStatus;
  readonly tests: number;
  readonly failed: number;
  /** Milliseconds: its tests' durations together, retries included. */
  readonly ms: number;
}

interface FileTests {
  readonly of: Pick<FileResult, 'file' | 'project'>;
  /** The last result of each, by its id. */
  readonly tests: Map<string, Result | undefined>;
  /** How many of them have no final one yet. */
  left: number;
  ms: number;
}

export class FileResults {
  readonly #files = new Map<string, FileTests>();
  #reported = false;

  constructor(tests: readonly Planned[]) {
    for (const { id, file, project } of tests) {
      const key = keyOf({ file, project });
      const known = this.#files.get(key) ?? { of: { file, project }, tests: new Map(), left: 0, ms: 0 };
      if (!known.tests.has(id)) known.left += 1;
      known.tests.set(id, undefined);
      this.#files.set(key, known);
    }
  }

  get size(): number {
    return this.#files.size;
  }

  /** Whether any file's result was reported. */
  get reported(): boolean {
    return this.#reported;
  }

  /** Takes a test's result; returns its file's when that was the file's last. */
  add(result: Result): FileResult | undefined {
    const file = this.#files.get(keyOf(result.test));
    if (!file) return undefined;
    const before = file.tests.get(result.test.id);
    file.tests.set(result.test.id, result);
    if (result.isFinal && !before?.isFinal) file.left -= 1;
    file.ms += result.ms;
    if (file.left > 0) return undefined;
    this.#reported = true;
    return resultOf(file);
  }

  /** Every file, in the order of the suite; what did not run to its end is CANCELLED, or FAIL if a test of it failed. */
  all(): FileResult[] {
    return [...this.#files.values()].map(resultOf);
  }
}

function resultOf({ of, tests, ms }: FileTests): FileResult {
  const results = [...tests.values()];
  const failed = results.filter((each) => each?.outcome === 'failed').length;
  const isCancelled = results.some((each) => !each?.isFinal || each.outcome === 'cancelled');
  const status = failed > 0 ? 'FAIL' : isCancelled ? 'CANCELLED' : 'PASS';
  return { ...of, status, tests: results.length, failed, ms };
}

function keyOf({ file, project }: Pick<Planned, 'file' | 'project'>): string {
  return `${project}\n${file}`;
}
