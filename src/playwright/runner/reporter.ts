// The reporter that Playwright loads: what it learns of the suite becomes events, and the lines that people read are made
// from events alone. It also has the pool open as many stacks ahead as will be needed, but nothing depends on it:
// `--reporter=dot` replaces it.
import type { FullConfig, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter';
import type { TestOutcome, TestRef } from '../../events.ts';
import { DEFAULT_VARIANT, SKIPPED } from '../../names.ts';
import { reportEvents } from '../../reporter/report-events.ts';
import { runnerState } from './runner-state.ts';

export default class StacksReporter implements Reporter {
  /** Before globalSetup: the wall clock of a run has its set-up in it. */
  readonly #began = performance.now();
  /** Stacks open before `onBegin`. Listening opens nothing, so it also may happen for `--list`. */
  readonly #stopReporting: () => void = reportEvents(runnerState().events);
  #isActive = false;

  /** The terminal is the user's reporter's; ours adds lines between. */
  printsToStdio(): boolean {
    return false;
  }

  onBegin(config: FullConfig, suite: Suite): void {
    const { run, events } = runnerState();
    this.#isActive = run !== undefined;
    if (!run) return; // `--list`, merged reports
    const tests = suite.allTests();
    events.emit({ type: 'tests-planned', tests: tests.map(planned), workers: config.workers });
    const project = suite.suites.find((each) => each.allTests().length > 0)?.project();
    const variant = Reflect.get(project?.use ?? {}, '$variant') ?? DEFAULT_VARIANT;
    // As many as can be busy at once: groups are files, or single tests where they run fully parallel.
    const groups = config.fullyParallel ? tests.length : new Set(tests.map(fileOf)).size;
    if (suite.suites.some((each) => isSetup(config, each))) run.beginSetups();
    run.openAhead(Math.min(config.workers, groups), variant);
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    if (!this.#isActive) return;
    const { retry, workerIndex: worker, parallelIndex: slot, duration: ms } = result;
    const of = { ...planned(test), retry };
    const [outcome, isFinal] = [outcomeOf(test, result), isLast(test, result)];
    runnerState().events.emit({ type: 'test-result', test: of, worker, slot, outcome, isFinal, ms });
  }

  onEnd(): void {
    const ms = Math.round(performance.now() - this.#began);
    if (this.#isActive) runnerState().events.emit({ type: 'tests-over', ms });
    this.#stopReporting();
  }
}

function planned(test: TestCase): Omit<TestRef, 'retry'> {
  const [, project = '', file = '', ...titlePath] = test.titlePath();
  return { id: test.id, title: test.title, titlePath, file, project };
}

function fileOf(test: TestCase): string {
  const { project, file } = planned(test);
  return `${project}\n${file}`;
}

function outcomeOf(test: TestCase, { status }: TestResult): TestOutcome {
  if (status === 'interrupted' || test.annotations.some(isOurSkip)) return 'cancelled';
  const outcome = test.outcome();
  if (outcome === 'expected') return 'passed';
  return outcome === 'unexpected' ? 'failed' : outcome;
}

/** Skipped by us because the run was broken. */
function isOurSkip({ type, description }: { type: string; description?: string }): boolean {
  return type === 'skip' && description?.startsWith(SKIPPED) === true;
}

/** No further attempt of it will come. */
function isLast(test: TestCase, { status }: TestResult): boolean {
  return status === 'skipped' || test.ok() || test.results.length > test.retries;
}

/** Other projects depend on it, also where only it was chosen. */
function isSetup({ projects }: FullConfig, suite: Suite): boolean {
  const name = suite.allTests().length > 0 ? suite.project()?.name : undefined;
  return name !== undefined && projects.some(({ dependencies }) => dependencies.includes(name));
}
