// The state after an event. Pure: the same events give the same state, wherever they are read.
import type { StampedEvent } from '../events.ts';
import { withFiles } from './files.ts';
import { reduceLocks } from './locks.ts';
import { INITIAL_STATE, type IsolationCost, type RunState } from './run-state.ts';
import { reduceSetup } from './setup.ts';
import { reduceStacks } from './stacks.ts';
import { reduceTests } from './tests.ts';
import { reduceWorkers } from './workers.ts';

export function reduce(before: RunState, event: StampedEvent): RunState {
  const isNew = event.type === 'run-started';
  const state = isNew ? { ...INITIAL_STATE, run: event.run, startedAt: event.at } : before;
  const { progress, running, files } = reduceTests(state, event);
  const { version, run, startedAt } = state;
  const rest: Omit<RunState, 'files'> = {
    ...{ version, run, startedAt, progress, running },
    phase: phaseAfter(state.phase, event),
    updatedAt: event.at,
    broken: event.type === 'run-broken' ? event.message : state.broken,
    shard: event.type === 'tests-planned' ? event.shard : state.shard,
    setup: reduceSetup(state.setup, event),
    earlier: event.type === 'earlier-runs' ? event.tests : state.earlier,
    workers: reduceWorkers(state.workers, event),
    stacks: reduceStacks(state.stacks, event),
    locks: reduceLocks(state.locks, event),
    conflicts: event.type === 'conflicts' ? event.conflicts : state.conflicts,
    isolation: reduceIsolation(state.isolation, event),
  };
  return withFiles(rest, files);
}

function phaseAfter(phase: RunState['phase'], event: StampedEvent): RunState['phase'] {
  if (event.type === 'run-ended') return 'ended';
  const begins = event.type === 'stack-opened' || event.type === 'tests-planned';
  return begins && phase === 'starting' ? 'running' : phase;
}

function reduceIsolation(cost: IsolationCost, event: StampedEvent): IsolationCost {
  switch (event.type) {
    case 'rewound':
      return { ...cost, rewinds: cost.rewinds + 1, ms: cost.ms + event.ms, worst: Math.max(cost.worst, event.ms) };
    case 'rewind-impossible':
      return { ...cost, freshClones: cost.freshClones + 1 };
    case 'late-writes':
      return { ...cost, lateWrites: cost.lateWrites + 1 };
    default:
      return cost;
  }
}
