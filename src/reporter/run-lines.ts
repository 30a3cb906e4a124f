// The lines of a run, event by event: stacks as they open, a line for each file, what happened beside, and the summary.

import type { StampedEvent } from '../events.ts';
import { filesOf } from '../state/files.ts';
import type { RunState } from '../state/run-state.ts';
import { keyOf } from '../state/tests.ts';
import type { Colouring } from '../text/colours.ts';
import { FailureDetails } from './failure-details.ts';
import { fileLine, isOver } from './file-text.ts';
import { IsolationCost } from './isolation-cost.ts';
import { OpenedStacks } from './opened-stacks.ts';
import { eventLine, workerLine } from './report-text.ts';
import { withShownNames } from './shown-names.ts';
import { summaryLines } from './summary-text.ts';
import { count } from './words.ts';

export class RunLines {
  readonly #colour: Colouring;
  readonly #cost = new IsolationCost();
  readonly #stacks = new OpenedStacks();
  readonly #details = new FailureDetails();
  /** Files that have their line. */
  readonly #over = new Set<string>();
  /** Stacks that the run needs. Undefined before its tests are known. */
  #expected: number | undefined;

  constructor(colour: Colouring) {
    this.#colour = colour;
  }

  /** @param state after the event */
  after(state: RunState, event: StampedEvent): string[] {
    for (const part of [this.#cost, this.#stacks, this.#details]) part.hear(event);
    if (event.type === 'tests-planned') {
      const groups = event.isFullyParallel ? event.tests.length : Object.keys(state.files).length;
      this.#expected = Math.min(event.workers, groups);
      return [foundLine(state, event.workers), ...this.#openedLine(false)];
    }
    const lines = this.#linesAbout(state, event);
    return [...this.#openedLine(lines.length > 0), ...lines];
  }

  /** Of all stacks together, once those that the run needs are open; before, where something else is to be said. */
  #openedLine(isInterrupted: boolean): string[] {
    if (this.#expected === undefined) return [];
    const areOpen = this.#stacks.areAllOpen && this.#stacks.opened >= this.#expected;
    return isInterrupted || areOpen ? this.#stacks.take() : [];
  }

  #linesAbout(state: RunState, event: StampedEvent): string[] {
    if (event.type === 'tests-over') return this.#summaryLines(state, event);
    const line = event.type === 'test-result' ? workerLine(withShownNames(event)) : eventLine(withShownNames(event));
    return [
      ...(line === undefined ? [] : [line]),
      ...(event.type === 'test-result' ? this.#fileLines(state, event) : []),
    ];
  }

  /** Once for each, when its last test is over. */
  #fileLines(state: RunState, { test }: Extract<StampedEvent, { type: 'test-result' }>): string[] {
    const key = keyOf(test);
    const file = filesOf(state).get(key);
    if (!file || !isOver(file) || this.#over.has(key)) return [];
    this.#over.add(key);
    return [fileLine(file, this.#colour), ...this.#details.linesOf(file)];
  }

  #summaryLines(state: RunState, { ms, unmatched }: Extract<StampedEvent, { type: 'tests-over' }>): string[] {
    return this.#over.size > 0 ? summaryLines({ state, cost: this.#cost, ms, unmatched }, this.#colour) : [];
  }
}

/** `Found 16 test files (61 tests), 4 workers` */
function foundLine({ files, progress }: RunState, workers: number): string {
  const tests = count(progress.total, 'test');
  return `Found ${count(Object.keys(files).length, 'test file')} (${tests}), ${count(workers, 'worker')}`;
}
