// The reporter: stacks as they open, a line for each file, the counts. It also tells the pool how many stacks to open
// ahead, but nothing depends on it: `--reporter=dot` replaces it.
import type { FullConfig, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter';
import { DEFAULT_VARIANT } from '../names.ts';
import { runnerState } from '../playwright/runner/runner-state.ts';
import { safe } from '../text/terminal.ts';
import { FileResults } from './file-results.ts';
import { count, eventLine, fileLine, summaryLines } from './report-text.ts';

export default class StacksReporter implements Reporter {
  /** Before globalSetup: the wall clock of a run has its set-up in it. */
  readonly #began = performance.now();
  #stopListening: (() => void) | undefined;
  #active = false;
  #files = new FileResults();

  constructor() {
    // Stacks open before `onBegin`. Listening opens nothing, so it also may happen for `--list`.
    this.#stopListening = runnerState().events.on((event) => {
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
    this.#active = run !== undefined;
    if (!run) return; // `--list`, merged reports
    print([count(this.#files.size, 'file'), count(tests.length, 'test'), count(config.workers, 'worker')].join(', '));
    const project = suite.suites.find((each) => each.allTests().length > 0)?.project();
    const variant = Reflect.get(project?.use ?? {}, '$variant') ?? DEFAULT_VARIANT;
    // As many as can be busy at once: groups are files, or single tests where they run fully parallel.
    const groups = config.fullyParallel ? tests.length : this.#files.size;
    if (suite.suites.some((each) => isSetup(config, each))) run.beginSetups();
    run.openAhead(Math.min(config.workers, groups), variant);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    const ended = this.#files.add(test, result);
    if (this.#active && ended) print(fileLine(ended));
  }

  onEnd(): void {
    this.#stopListening?.();
    if (!this.#active || !this.#files.reported) return;
    for (const line of summaryLines(this.#files, performance.now() - this.#began)) print(line);
  }
}

/** Other projects depend on it, also where only it was chosen. */
function isSetup({ projects }: FullConfig, suite: Suite): boolean {
  const name = suite.allTests().length > 0 ? suite.project()?.name : undefined;
  return name !== undefined && projects.some(({ dependencies }) => dependencies.includes(name));
}

// To stderr: the user's reporter may be one that a machine reads on stdout.
function print(text: string): void {
  process.stderr.write(`${safe(text, 'keep').replace(/^/gm, '[stacks] ')}\n`);
}
