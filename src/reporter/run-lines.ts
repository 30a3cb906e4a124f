// The lines of a run, event by event: stacks as they open, a line for each file, what happened beside, and the summary.

import type { StampedEvent } from '../events.ts';
import type { RunState } from '../state/run-state.ts';
import { keyOf } from '../state/tests.ts';
import type { Colouring } from '../text/colours.ts';
import { FailureDetails } from './failure-details.ts';
import { FileLines } from './file-lines.ts';
import { IsolationCost } from './isolation-cost.ts';
import { OpenedStacks } from './opened-stacks.ts';
import { eventLine, workerLine } from './report-text.ts';
import { withShownNames } from './shown-names.ts';
import { summaryFacts } from './summary-text.ts';
import { count } from './words.ts';

type TestsOver = Extract<StampedEvent, { type: 'tests-over' }>;

export class RunLines {
  readonly #prints: 'all' | 'summary';
  readonly #cost = new IsolationCost();
  readonly #stacks = new OpenedStacks();
  readonly #details = new FailureDetails();
  readonly #files: FileLines;
  /** Stacks that the run needs. Undefined before its tests are known. */
  #expected: number | undefined;

  /** @param prints `summary`: of a run that was elsewhere */
  constructor(colour: Colouring, prints: 'all' | 'summary' = 'all') {
    this.#prints = prints;
    this.#files = new FileLines(colour, this.#details);
  }

  /** @param state after the event */
  after(state: RunState, event: StampedEvent): string[] {
    for (const part of [this.#cost, this.#stacks, this.#details]) part.hear(event);
    if (this.#prints === 'summary') {
      return isSummary(state, event) ? this.#summaryLines(state, event) : [];
    }
    if (event.type === 'tests-planned') {
      this.#expected = event.workers;
      return [foundLine(state, event.workers), ...this.#openedLine(false)];
    }
    const key = event.type === 'test-result' ? keyOf(event.test) : undefined;
    const ended = key !== undefined && this.#files.isToBeTold(state, key) ? key : undefined;
    const lines = eventLines(event);
    const isAfterAll = isSummary(state, event);
    const before = [...this.#openedLine(lines.length > 0 || ended !== undefined || isAfterAll), ...lines];
    if (before.length > 0) this.#files.interrupt();
    if (isAfterAll) return [...before, ...this.#summaryLines(state, event)];
    return [...before, ...(ended === undefined ? [] : this.#files.ofEnded(state, ended))];
  }

  /** Of all stacks together, once those that the run needs are open; before, where something else is to be said. */
  #openedLine(isInterrupted: boolean): string[] {
    if (this.#expected === undefined) return [];
    const areOpen = this.#stacks.areAllOpen && this.#stacks.opened >= this.#expected;
    return isInterrupted || areOpen ? this.#stacks.take() : [];
  }

  #summaryLines(state: RunState, { ms, unmatched }: TestsOver): string[] {
    return [...this.#files.atEnd(state), ...summaryFacts({ state, cost: this.#cost, ms, unmatched })];
  }
}

/** Of a run in which nothing came to its end there is nothing to sum up. */
function isSummary({ progress }: RunState, event: StampedEvent): event is StampedEvent & TestsOver {
  return event.type === 'tests-over' && progress.completed > 0;
}

function eventLines(event: StampedEvent): string[] {
  const shown = withShownNames(event);
  const line = shown.type === 'test-result' ? workerLine(shown) : eventLine(shown);
  return line === undefined ? [] : [line];
}

/** `Found 16 test files (61 tests), 4 workers` */
function foundLine({ files, progress }: RunState, workers: number): string {
  const tests = count(progress.total, 'test');
  return `Found ${count(Object.keys(files).length, 'test file')} (${tests}), ${count(workers, 'worker')}`;
}
