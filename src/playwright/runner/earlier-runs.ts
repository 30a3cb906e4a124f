// What is known of a project's tests from earlier runs, and what this one adds to it.
import type { Events } from '../../events.ts';
import { type Ending, earlierRuns, keepHistory, readHistory } from '../../run/history.ts';
import type { RunState } from '../../state/run-state.ts';

/** Where nothing is known, nothing is said. */
export async function emitEarlierRuns(root: string, ids: readonly string[], events: Events): Promise<void> {
  const tests = earlierRuns(await readHistory(root), ids);
  if (Object.keys(tests).length > 0) events.emit({ type: 'earlier-runs', tests });
}

/** How tests ended; where the run itself was broken, only those that passed: the others' failures are not theirs. */
export async function keepEndings(root: string, { files, broken }: RunState): Promise<void> {
  const endings = new Map<string, Ending>();
  for (const { tests } of Object.values(files)) {
    for (const { id, status, ms } of Object.values(tests)) {
      if (status !== 'passed' && status !== 'failed' && status !== 'flaky') continue;
      if (broken === undefined || status === 'passed') endings.set(id, { outcome: status, ms });
    }
  }
  await keepHistory(root, endings);
}
