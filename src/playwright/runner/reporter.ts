// The reporter that Playwright loads: what it learns of the suite becomes events, and the lines that people read are made
// from events alone. It also has the pool open as many stacks ahead as will be needed, but nothing depends on it:
// `--reporter=dot` replaces it.
import type { FullConfig, FullResult, Reporter, Suite, TestCase, TestResult } from '@playwright/test/reporter';
import type { StacksEvent } from '../../events.ts';
import { DEFAULT_VARIANT } from '../../names.ts';
import { type Report, reportToTerminal } from '../../reporter/report-events.ts';
import { within } from '../../wait.ts';
import { isMerging, isTestServer, usedWorkers } from '../private.ts';
import { BesideFiles } from './beside-files.ts';
import { emitEarlierRuns, keepEndings } from './earlier-runs.ts';
import { MergedReport } from './merged-report.ts';
import { neighboursOf } from './neighbour.ts';
import { runnerState } from './runner-state.ts';
import { noteSlots } from './slots-ahead.ts';
import { fileOf, isLast, isSetup, outcomeOf, planned } from './suite-words.ts';
import { testFaults } from './test-faults.ts';
import { countUnmatched } from './unmatched-files.ts';
import { workerFailure } from './worker-failure.ts';

/** Attempts whose errors are kept as they are; of later ones the first lines are. */
const MOST_WHOLE = 200;
/** Milliseconds that the end of a run waits for what is only to be read. */
const AT_END_TIMEOUT_MS = 1_000;

export default class StacksReporter implements Reporter {
  /** Before globalSetup: the wall clock of a run has its set-up in it. */
  readonly #began = performance.now();
  /** Stacks open before `onBegin`. Listening opens nothing, so it also may happen for `--list`. */
  readonly #report: Report = reportToTerminal(runnerState().store, isTestServer());
  readonly #besideFiles = new BesideFiles();
  readonly #stopHearing: () => void = runnerState().events.on((event) => this.#hear(event));
  /** Milliseconds by worker: tests of other runs, and no part of how long its own one takes. */
  readonly #waitedForMachine = new Map<number, number>();
  #isActive = false;
  #rootDir = '';
  /** Attempts that had errors. */
  #faulty = 0;
  #config: FullConfig | undefined;
  /** Of a run of the command line. */
  #unmatched: Promise<number | undefined> | undefined;
  readonly #merged: MergedReport | undefined;

  constructor(options: object = {}) {
    if (isMerging(options)) this.#merged = new MergedReport();
  }

  /** The terminal is the user's reporter's; ours adds lines between. */
  printsToStdio(): boolean {
    return false;
  }

  onBegin(config: FullConfig, suite: Suite): void {
    const { run, events } = runnerState();
    this.#rootDir = config.rootDir;
    this.#isActive = run !== undefined;
    this.#merged?.begin(config, suite);
    if (!run) return; // `--list`, merged reports
    this.#config = config;
    this.#report.screen.beside(neighboursOf(config.reporter).during);
    this.#report.github.begin(
      config.rootDir,
      config.reporter.some(([name]) => name === 'github'),
    );
    const tests = suite.allTests();
    const { fullyParallel: isFullyParallel, shard } = config;
    const workers = usedWorkers(config) ?? workersFor(config, tests);
    const suiteAsPlanned = { tests: tests.map(planned), workers, isFullyParallel };
    events.emit({ type: 'tests-planned', ...suiteAsPlanned, ...(shard && { shard }) });
    const ids = tests.map(({ id }) => id);
    void emitEarlierRuns(config.rootDir, ids, events).catch(ignore);
    if (!isTestServer()) this.#unmatched = countUnmatched(config, suite).catch(() => undefined);
    const project = suite.suites.find((each) => each.allTests().length > 0)?.project();
    const variant = Reflect.get(project?.use ?? {}, '$variant') ?? DEFAULT_VARIANT;
    if (suite.suites.some((each) => isSetup(config, each))) run.beginSetups();
    if (isTestServer()) run.forgive();
    else void noteSlots(config.rootDir, workers).catch(ignore);
    run.openAhead(workers, variant);
  }

  onTestBegin(test: TestCase, { retry, workerIndex: worker, parallelIndex: slot }: TestResult): void {
    if (!this.#isActive) return;
    runnerState().events.emit({ type: 'test-started', test: { ...planned(test), retry }, worker, slot });
  }

  onTestEnd(test: TestCase, result: TestResult): void {
    this.#merged?.add(test, result);
    if (!this.#isActive) return;
    const { retry, workerIndex: worker, parallelIndex: slot, duration } = result;
    const ms = Math.max(0, duration - (this.#waitedForMachine.get(worker) ?? 0));
    this.#waitedForMachine.delete(worker);
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

  #hear(event: StacksEvent): void {
    this.#besideFiles.hear(event);
    if (event.type === 'machine-taken') this.#waitedForMachine.set(event.worker, event.ms);
  }

  async onEnd({ duration }: Pick<FullResult, 'duration'>): Promise<void> {
    this.#merged?.end(duration);
    const ms = Math.round(performance.now() - this.#began);
    if (this.#config && this.#isActive) {
      const { store } = runnerState();
      const { rootDir } = this.#config;
      const [unmatched] = await Promise.all([
        inTime(() => this.#unmatched),
        inTime(() => keepEndings(rootDir, store.state)),
      ]);
      this.#report.screen.beside(neighboursOf(this.#config.reporter).atEnd);
      runnerState().events.emit({ type: 'tests-over', ms, ...(unmatched !== undefined && { unmatched }) });
    }
    this.#stopHearing();
    this.#report.stop();
  }
}

/** As many as can be busy at once: groups are files, or single tests where they run fully parallel. */
function workersFor({ workers, fullyParallel }: FullConfig, tests: readonly TestCase[]): number {
  return Math.min(workers, fullyParallel ? tests.length : new Set(tests.map(fileOf)).size);
}

/** Nothing depends on it. */
function inTime<T>(work: () => T | Promise<T>): Promise<T | undefined> {
  return within(AT_END_TIMEOUT_MS, 'the last reading', work).catch(ignore);
}

function ignore(): undefined {}
