// A run as bars, from its events: what began and ended when, beside what else.
import type { StampedEvent } from '../src/events.ts';

type Moment = StampedEvent | { readonly type: 'spawned' | 'exited'; readonly at: number };

interface Bar {
  readonly title: string;
  readonly from: number;
  readonly to: number;
}

/** Between two moments of which no event says that something began. */
const BETWEEN: readonly (readonly [title: string, from: Moment['type'], to: Moment['type']])[] = [
  ['Node, Playwright, config', 'spawned', 'run-started'],
  ['Playwright loads the tests', 'stack-opening', 'tests-planned'],
  ['Playwright starts the worker', 'tests-planned', 'test-started'],
  ['worker: until it has the stack', 'test-started', 'leased'],
  ['worker: until the test’s body', 'leased', 'test-began'],
  ['test', 'test-began', 'test-ended'],
  ['worker ends', 'test-ended', 'released'],
  ['stacks close', 'released', 'stack-closed'],
  ['Postgres and reaper end', 'stack-closed', 'run-ended'],
  ['Playwright ends', 'run-ended', 'exited'],
];

const WIDTH = 60;

export function drawStart(moments: readonly Moment[]): string {
  const began = moments[0]?.at ?? 0;
  const ended = moments.at(-1)?.at ?? 0;
  const column = (at: number) => Math.round(((at - began) / (ended - began)) * WIDTH);
  return bars(moments)
    .sort((one, other) => one.from - other.from)
    .map(({ title, from, to }) => {
      const bar = ' '.repeat(column(from)) + '█'.repeat(Math.max(1, column(to) - column(from)));
      const times = `${from - began}–${to - began}`;
      return `${title.padEnd(32)} ${times.padStart(11)}  ${bar}`;
    })
    .join('\n');
}

function bars(moments: readonly Moment[]): Bar[] {
  const at = (type: Moment['type']) => moments.find((each) => each.type === type)?.at;
  const between = BETWEEN.flatMap(([title, first, last]) => {
    const [from, to] = [at(first), at(last)];
    return from === undefined || to === undefined ? [] : [{ title, from, to }];
  });
  const steps = moments.flatMap((each): Bar[] => {
    if (each.type !== 'step-began') return [];
    const isSame = (other: Moment) =>
      other.type === 'step-ended' && other.step === each.step && other.stack?.slot === each.stack?.slot;
    const end = moments.find(isSame);
    const title = each.stack ? `slot ${each.stack.slot}: ${each.step}` : each.step;
    return end ? [{ title, from: each.at, to: end.at }] : [];
  });
  return [...between, ...steps];
}
