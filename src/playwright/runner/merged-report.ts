// The summary of merged reports (`merge-reports`): that of all shards together, once. Their runs are over, and what
// isolation has cost them is in none of their reports.
import type { FullConfig, Suite, TestCase, TestResult } from '@playwright/test/reporter';
import { Events } from '../../events.ts';
import { reportSummary } from '../../reporter/report-events.ts';
import { StateStore } from '../../state/state-store.ts';
import { isLast, outcomeOf, planned } from './suite-words.ts';

export class MergedReport {
  readonly #events = new Events();
  readonly #stop: () => void = reportSummary(new StateStore(this.#events));

  begin({ workers, fullyParallel: isFullyParallel }: FullConfig, suite: Suite): void {
    this.#events.emit({ type: 'tests-planned', tests: suite.allTests().map(planned), workers, isFullyParallel });
  }

  add(test: TestCase, result: TestResult): void {
    const { retry, duration: ms } = result;
    const [outcome, isFinal] = [outcomeOf(test, result), isLast(test, result)];
    // Each shard has counted its workers and slots for itself.
    const none = { worker: -1, slot: -1 };
    this.#events.emit({ type: 'test-result', test: { ...planned(test), retry }, ...none, outcome, isFinal, ms });
  }

  /** @param ms from the beginning of the first shard to the end of the last */
  end(ms: number): void {
    this.#events.emit({ type: 'tests-over', ms: Math.round(ms) });
    this.#stop();
  }
}
