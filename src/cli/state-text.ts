// A run's state in lines for people.
import { runningTests } from '../state/files.ts';
import type { LockState, Progress, RunState, StackState, WorkerState } from '../state/run-state.ts';
import { age, table } from './table.ts';

/** `12 of 61 over: 10 passed, 1 failed, 1 flaky; 4 running` */
export function progressLine({ total, completed, running, ...counts }: Progress): string {
  if (total === 0) return 'not known yet';
  const outcomes = (['passed', 'failed', 'flaky', 'skipped', 'cancelled'] as const)
    .filter((outcome) => counts[outcome] > 0)
    .map((outcome) => `${counts[outcome]} ${outcome}`);
  const over = `${completed} of ${total} over${outcomes.length > 0 ? `: ${outcomes.join(', ')}` : ''}`;
  return running > 0 ? `${over}; ${running} running` : over;
}

/** @param now milliseconds since 1970 */
export function stateText(state: RunState, now: number): string {
  const { run, phase, progress, broken } = state;
  const running = runningTests(state);
  const stacks = Object.values(state.stacks).map((stack) => stackRow(stack, running, now));
  const failed = Object.values(state.workers).filter(({ why }) => why !== undefined);
  return [
    `run ${run}  ${phase}  ${progressLine(progress)}\n`,
    broken === undefined ? '' : `  broken: ${broken.split('\n')[0]}\n`,
    stacks.length === 0 ? '' : table([['SLOT', 'STACK', 'SERVERS', 'TEST'], ...stacks]),
    ...failed.map(workerLine),
    ...Object.values(state.locks).map((lock) => lockLine(lock, now)),
    ...(state.conflicts ?? []).map(
      ({ files, slots }) => `  conflict in ${files.join(', ')}: slots ${slots.join(' and ')}\n`,
    ),
  ].join('');
}

function stackRow(stack: StackState, running: ReturnType<typeof runningTests>, now: number): string[] {
  const { slot, variant, status, servers, isQueued } = stack;
  const own = running.find(({ test }) => test.slot === slot && test.worker === stack.worker);
  const health = servers.map(
    ({ name, port, health }) => `${name}:${port ?? '?'}${health === 'healthy' ? '' : ` ${health}`}`,
  );
  const title = own && [own.file.file, ...own.test.titlePath].join(' › ');
  const since = own?.test.startedAt === undefined ? '' : `  ${age(Math.round((now - own.test.startedAt) / 1_000))}`;
  return [
    variant === 'default' ? String(slot) : `${slot} (${variant})`,
    isQueued ? 'queued' : status,
    health.join(', '),
    title ? title + since : '',
  ];
}

function workerLine({ worker, slot, health, why }: WorkerState): string {
  const test = why && [why.test.file, ...why.test.titlePath].join(' › ');
  return `  worker ${worker} of slot ${slot} ${why?.reason} (${why?.exit}) in ${test}${health === 'replaced' ? '; replaced' : ''}\n`;
}

function lockLine({ name, holders, waiting }: LockState, now: number): string {
  const held = holders.map(({ slot, since }) => `slot ${slot} for ${age(Math.round((now - since) / 1_000))}`);
  const by = held.length === 0 ? 'by another run, or free' : `by ${held.join(', ')}`;
  return `  lock '${name}' held ${by}; ${waiting.length} waiting\n`;
}
