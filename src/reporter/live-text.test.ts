// The live block, whole, at two widths.
import { expect, test } from '@playwright/test';
import { Events, type StacksEvent } from '../events.ts';
import { StateStore } from '../state/state-store.ts';
import { timeLeft } from '../state/time-left.ts';
import { colouring } from '../text/colours.ts';
import { pauseAfter } from './live.ts';
import { liveLines } from './live-text.ts';

const planned = (id: string, file: string, titlePath = [id]) => ({ id, title: id, titlePath, file, project: '' });
const LONG = ['shares a notebook', 'with somebody who has no account yet and gets a mail with a link 日本語'];
const TESTS = [
  planned('one', 'notes.spec.ts'),
  planned('two', 'notes.spec.ts'),
  planned('three', 'sharing.spec.ts', LONG),
];
const PLANNED = { type: 'tests-planned', tests: TESTS, workers: 3, isFullyParallel: false } as const;

function stateOf(...emitted: readonly StacksEvent[]) {
  const events = new Events();
  const store = new StateStore(events);
  for (const event of [PLANNED, ...emitted]) events.emit(event);
  return store.state;
}

const ref = (id: string, retry = 0) => ({ ...(TESTS.find((each) => each.id === id) ?? planned(id, 'x')), retry });
const started = (id: string, slot: number) => ({ type: 'test-started', test: ref(id), worker: slot, slot }) as const;
const ended = (id: string, outcome: 'passed' | 'failed', isFinal = true) =>
  ({ type: 'test-result', test: ref(id), worker: 0, slot: 0, outcome, isFinal, ms: 3_000 }) as const;
const opening = { type: 'stack-opening', slot: 2, variant: 'default', again: false } as const;

const running = () =>
  stateOf(started('one', 0), ended('one', 'failed'), started('two', 0), started('three', 1), opening);

function live(columns: number, rows = 12): string[] {
  const state = running();
  const now = state.updatedAt + 14_500;
  const options = { columns, rows, slots: 3, now, began: now - 75_000, left: 70_000, colour: colouring('drop') };
  return liveLines(state, options);
}

test('at 80 columns', () => {
  expect(live(80)).toEqual([
    '[stacks] 1 of 3 tests, 0 of 2 files, 1 failed; 1:15, about 1:10 left',
    '  slot 0   0:14  notes.spec.ts › two',
    '  slot 1   0:14  sharing.spec.ts › shares a notebook › with somebody who has n…',
    '  slot 2      –  its stack opens',
  ]);
});

test('at 200 columns', () => {
  expect(live(200)[2]).toBe(
    '  slot 1   0:14  sharing.spec.ts › shares a notebook › with somebody who has no account yet and gets a mail with a link 日本語',
  );
});

test('a slot with a test is shown, also where a file runs on several, and before those without one', () => {
  const state = stateOf(started('two', 4), started('three', 1));
  const now = state.updatedAt;
  const options = { columns: 80, slots: 2, now, began: now, left: undefined, colour: colouring('drop') };
  const shown = (rows: number) => liveLines(state, { ...options, rows }).slice(1);
  expect(shown(12)).toHaveLength(5);
  expect(shown(12)[4]).toBe('  slot 4   0:00  notes.spec.ts › two');
  expect(shown(4)).toEqual([
    `  slot 1   0:00  sharing.spec.ts › ${LONG[0]} › with somebody who has n…`,
    '  slot 4   0:00  notes.spec.ts › two',
    '  and 3 more slots',
  ]);
});

test('of a slot with several variants it is the stack that opens', () => {
  const stack = { slot: 0, variant: 'default', database: 'stk_1_0', url: undefined, servers: [] };
  const ms = { clone: 1, worktree: 0, prepare: 0, servers: {}, total: 1 };
  const admin = { type: 'stack-opening', slot: 0, variant: 'admin', again: false } as const;
  const state = stateOf({ type: 'stack-opened', ...stack, again: false, ms }, admin);
  const options = { columns: 80, rows: 12, slots: 1, now: 0, began: 0, left: undefined, colour: colouring('drop') };
  expect(liveLines(state, options)[1]).toBe('  slot 0      –  its stack opens');
});

test('the next drawing is ten times as far away as one took, and at least a tenth of a second', () => {
  expect([pauseAfter(0), pauseAfter(5), pauseAfter(180)]).toEqual([100, 100, 1_980]);
});

test('more slots than half a screen has rows are counted', () => {
  expect(live(80, 3).slice(1)).toEqual(['  slot 0   0:14  notes.spec.ts › two', '  and 2 more slots']);
});

test('the time left is that of the busiest worker, by earlier runs and by how fast this one is', () => {
  const earlier = { one: 1_500, two: 8_000, three: 4_000 };
  const known = (times: Readonly<Record<string, number>>) =>
    ({
      type: 'earlier-runs',
      tests: Object.fromEntries(
        Object.entries(times).map(([id, ms]) => [id, { passed: 1, failed: 0, flaky: 0, changes: 0, ms }]),
      ),
    }) as const;
  const state = stateOf(known(earlier));
  const now = state.updatedAt;
  const left = (of: typeof state) => timeLeft(of, { workers: 3, now });
  expect(left(state)).toBe(9_500);
  // Two workers share what one file of each has: never less than the longest.
  expect(timeLeft(state, { workers: 1, now })).toBe(13_500);
  expect(left(stateOf(known({ one: 1_500 })))).toBeUndefined();
  expect(left(stateOf(known({ two: 8_000, one: 2_000 })))).toBe(10_000);
  // 3 s instead of 2: the rest takes longer, too.
  const slower = stateOf(known({ ...earlier, one: 2_000 }), started('one', 0), ended('one', 'passed'));
  expect(left(slower)).toBe(12_000);
});
