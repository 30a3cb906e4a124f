// The reporter that Playwright loads: what it learns of the suite becomes events, and the lines that people read are made
// from events alone. It also has the pool open as many stacks ahead as will be needed, but nothing depends on it:
// `--reporter=dot` replaces it.
import type { FullConfig, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter';
import type { TestOutcome, TestRef } from '../../events.ts';
import { DEFAULT_VARIANT, SKIPPED } from '../../names.ts';
import { reportEvents } from '../../reporter/report-events.ts';
import { BesideFiles } from './beside-files.ts';
import { runnerState } from './runner-state.ts';
import { testFaults } from './test-faults.ts';
import { workerFailure } from './worker-failure.ts';

/** Attempts whose errors are kept as they are; of later ones the first lines are. */
const MOST_WHOLE = 200;

export default class StacksReporter implements Reporter {
  /** Before globalSetup: the wall clock of a run has its set-up in it. */
  readonly #began = performance.now();
  /** Stacks open before `onBegin`. Listening opens nothing, so it also may happen for `--list`. */
  readonly #stopReporting: () => void = reportEvents(runnerState().events);
  readonly #besideFiles = new BesideFiles();
  readonly #stopHearing: () => void = runnerState().events.on((event) => this.#besideFiles.hear(event));
  #isActive = false;
  #rootDir = '';
  /** Attempts that had errors. */
  #faulty = 0;

  /** The terminal is the user's reporter's; ours adds lines between. */
  printsToStdio(): boolean {
    return false;
  }

  onBegin(config: FullConfig, suite: Suite): void {
    const { run, events } = runnerState();
    this.#rootDir = config.rootDir;
    this.#isActive = run !== undefined;
    if (!run) return; // `--list`, merged reports
    const tests = suite.allTests();
    const { workers, fullyParallel: isFullyParallel } = config;
    events.emit({ type: 'tests-planned', tests: tests.map(planned), workers, isFullyParallel });
    const project = suite.suites.find((each) => each.allTests().length > 0)?.project();
    const variant = Reflect.get(project?.use ?? {}, '$variant') ?? DEFAULT_VARIANT;
    // As many as can be busy at once: groups are files, or single tests where they run fully parallel.
    const groups = config.fullyParallel ? tests.length : new Set(tests.map(fileOf)).size;
    if (suite.suites.some((each) => isSetup(config, each))) run.beginSetups();
    run.openAhead(Math.min(config.workers, groups), variant);
  }

  onTestBegin(test: TestCase, { retry, workerIndex: worker, parallelIndex: slot }: TestResult): void {
    if (!this.#isActive) return;
    runnerState().events.emit({ type: 'test-started', test: { ...planned(test), retry }, worker, slot });
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    if (!this.#isActive) return;
    const { retry, workerIndex: worker, parallelIndex: slot, duration: ms } = result;
    const of = { ...planned(test), retry };
    this.#besideFiles.add(of, result);
    const [outcome, isFinal] = [outcomeOf(test, result), isLast(test, result)];
    const failure = workerFailure(result);
    const errors = testFaults(result, this.#rootDir, this.#faulty < MOST_WHOLE ? 'whole' : 'brief');
    if (errors.length > 0) this.#faulty += 1;
    runnerState().events.emit({
      ...{ type: 'test-result', test: of, worker, slot, outcome, isFinal, ms },
      ...(failure && { failure }),
      ...(errors.length > 0 && { errors }),
    });
  }

  onEnd(): void {
    const ms = Math.round(performance.now() - this.#began);
    if (this.#isActive) runnerState().events.emit({ type: 'tests-over', ms });
    this.#stopHearing();
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
