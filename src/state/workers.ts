// Which workers there are and were, and how they ended.
import type { StampedEvent } from '../events.ts';
import type { RunState, WorkerState } from './run-state.ts';

type Workers = RunState['workers'];

export function reduceWorkers(workers: Workers, event: StampedEvent): Workers {
  switch (event.type) {
    case 'leased':
    case 'test-started':
      return began(workers, event);
    case 'test-result':
      return testEnded(workers, event);
    case 'released': {
      const known = workers[event.worker];
      return known ? put(workers, { ...known, endedAt: event.at }) : workers;
    }
    default:
      return workers;
  }
}

function began(workers: Workers, { worker, slot, at }: { worker: number; slot: number; at: number }): Workers {
  const known = workers[worker];
  if (known) return workers;
  const replaced = Object.values(workers).filter((each) => each.slot === slot && each.health === 'failed');
  const all = replaced.reduce((rest, each) => put(rest, { ...each, health: 'replaced' as const }), workers);
  return put(all, {
    ...{ worker, slot, health: 'healthy', why: undefined, tests: 0 },
    ...{ startedAt: at, endedAt: undefined },
  });
}

function testEnded(workers: Workers, event: Extract<StampedEvent, { type: 'test-result' }>): Workers {
  const { worker, slot, at, test, failure } = event;
  if (worker < 0) return workers;
  const all = began(workers, { worker, slot, at });
  const known = all[worker];
  if (!known) return all;
  const ended = { ...known, tests: known.tests + 1 };
  return put(all, failure ? { ...ended, health: 'failed', why: { ...failure, test } } : ended);
}

function put(workers: Workers, worker: WorkerState): Workers {
  return { ...workers, [worker.worker]: worker };
}
