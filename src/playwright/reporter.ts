// The reporter: stacks as they open, a line for each file, the counts. It also tells the pool how many stacks to open
// ahead, but nothing depends on it: `--reporter=dot` replaces it.
import type { FullConfig, FullResult, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter';
import { DEFAULT_VARIANT } from '../names.ts';
import { FileResults } from './file-results.ts';
import { count, eventLine, fileLine, summaryLines } from './report-text.ts';
import { runnerState } from './runner-state.ts';

export default class StacksReporter implements Reporter {
  /** Before globalSetup: the wall clock of a run has its set-up in it. */
  readonly #began = performance.now();
  readonly #leased = new Set<number>();
  #stopListening: (() => void) | undefined;
  #broken = false;
  #unleased: string | undefined;
  #files = new FileResults();

  constructor() {
    // Stacks open before `onBegin`. Listening opens nothing, so it also may happen for `--list`.
    this.#stopListening = runnerState().events.on((event) => {
      if (event.type === 'leased') this.#leased.add(event.worker);
      if (event.type === 'run-broken') this.#broken = true;
      const line = eventLine(event);
      if (line) print(line);
    });
  }

  /** The terminal is the user's reporter's; ours adds lines between. */
  printsToStdio(): boolean {
    return false;
  }

  onBegin(config: FullConfig, suite: Suite): void {
    const tests = suite.allTests();
    this.#files = new FileResults(tests);
    const { run } = runnerState();
    if (!run) return; // `--list`, merged reports, STACKS=off
    print([count(this.#files.size, 'file'), count(tests.length, 'test'), count(config.workers, 'worker')].join(', '));
    const project = suite.suites.find((each) => each.allTests().length > 0)?.project();
    const variant = Reflect.get(project?.use ?? {}, '$variant') ?? DEFAULT_VARIANT;
    // As many as can be busy at once: groups are files, or single tests where they run fully parallel.
    const groups = config.fullyParallel ? tests.length : this.#files.size;
    run.openAhead(Math.min(config.workers, groups), variant);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const ended = this.#files.add(test, result);
    if (!runnerState().run) return;
    if (ended) print(fileLine(ended));
    this.#checkLeased(test, result);
  }

  async onEnd(): Promise<{ status?: FullResult['status'] } | undefined> {
    this.#stopListening?.();
    if (this.#files.reported)
      for (const line of summaryLines(this.#files, performance.now() - this.#began)) print(line);
    return this.#unleased ? { status: 'failed' } : undefined;
  }

  /** A test that ran without its worker having leased a stack saw whatever database the environment named. */
  #checkLeased(test: TestCase, result: TestResult): void {
    if (this.#unleased || this.#broken || this.#leased.has(result.workerIndex)) return;
    // Interrupted while it waited for its stack, skipped by Playwright itself, or failed for want of a stack already.
    if (result.status === 'interrupted' || result.status === 'skipped' || result.workerIndex < 0) return;
    if (result.errors.some(({ message }) => message?.includes('STACK_NOT_LEASED'))) return;
    this.#unleased = test.title;
    print(
      [
        `STACK_NOT_LEASED: test "${test.title}" ran without a stack: our fixture was never set up around it.`,
        '  hint: keep the `use` that withStacks() returns: spread it, do not replace it, after the call; and do not set',
        '        both `acceptDownloads` and `bypassCSP` in one `test.use()`, which carry it.',
      ].join('\n'),
    );
  }
}

function print(text: string): void {
  process.stdout.write(`${text.replace(/^/gm, '[stacks] ')}\n`);
}
