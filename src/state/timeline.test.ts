// When what happened, as the events of a run make it.
import { expect, test } from '@playwright/test';
import type { StacksEvent, TestRef } from '../events.ts';
import { EMPTY_TIMELINE, reduceTimeline, type Timeline } from './timeline.ts';

const a: TestRef = { id: 'a', title: 'adds', titlePath: ['list', 'adds'], file: 'x.spec.ts', project: '', retry: 0 };
const admin = { slot: 0, variant: 'admin' } as const;

test('a test is in the lane of the stack that its worker has, from its start to its end', () => {
  const { lanes, open } = after(
    [0, { type: 'test-started', test: a, worker: 3, slot: 0 }],
    [40, { type: 'leased', ...admin, worker: 3, database: 'd', ms: 30 }],
    [
      90,
      { type: 'rewound', ...admin, worker: 3, ...ofTest, rows: 2, tables: [], ms: 4, waited: 0, quiet: 0, ended: [] },
    ],
    [
      100,
      {
        type: 'test-result',
        test: a,
        worker: 3,
        slot: 0,
        outcome: 'failed',
        isFinal: true,
        ms: 100,
        errors: [{ message: 'no\nmore' }],
      },
    ],
  );
  expect(open).toEqual({});
  expect(lanes).toEqual({
    'slot 0 (admin)': [
      { kind: 'wait', from: 10, to: 40, title: 'its stack', test: 'a' },
      { kind: 'rewind', from: 86, to: 90, title: "rewind of 'adds'", detail: '2 rows', test: 'a' },
      { kind: 'test', from: 0, to: 100, title: 'list › adds', test: 'a', outcome: 'failed', detail: 'no' },
    ],
  });
});

test('steps, boots and room: open while they last, with their parts when they are over', () => {
  const ms = { clone: 7, worktree: 0, prepare: 0, servers: { web: 30 }, total: 40 };
  const begun = [
    [0, { type: 'step-began', step: 'build' }],
    [5, { type: 'stack-waits', ...admin, needed: 9, free: 1, total: 10 }],
    [10, { type: 'stack-opening', ...admin, again: false }],
  ] as const;
  expect(Object.values(after(...begun).open).map(({ lane, kind }) => `${lane}: ${kind}`)).toEqual([
    'run: step',
    'slot 0 (admin): wait',
    'slot 0 (admin): boot',
  ]);
  const { lanes } = after(
    ...begun,
    [20, { type: 'step-ended', step: 'build', ms: 20, failed: true }],
    [50, { type: 'stack-opened', ...admin, database: 'd', url: undefined, again: false, servers: [], ms }],
  );
  expect(lanes).toEqual({
    run: [{ kind: 'step', from: 0, to: 20, title: 'build', detail: 'failed' }],
    'slot 0 (admin)': [
      { kind: 'wait', from: 5, to: 50, title: 'free connections' },
      { kind: 'boot', from: 10, to: 50, title: 'opening', detail: 'clone 7 ms, web 30 ms' },
    ],
  });
});

test('a lock: how long it was waited for and held; one whose worker has ended is free', () => {
  const of = { ...admin, worker: 3, name: 'constructor', mode: 'read-write', test: a } as const;
  const taken = [
    [0, { type: 'lock-asked', ...of }],
    [50, { type: 'lock-taken', ...of }],
  ] as const;
  const { lanes } = after(...taken, [80, { type: 'released', ...admin, worker: 3 }]);
  expect(lanes['slot 0 (admin)']).toEqual([
    { kind: 'wait', from: 0, to: 50, title: 'lock constructor', test: 'a' },
    { kind: 'lock', from: 50, to: 80, title: 'lock constructor', detail: 'read-write', test: 'a' },
  ]);
});

test('a run of days fills no memory: the oldest are left out, and counted', () => {
  let timeline = EMPTY_TIMELINE;
  const crash = { type: 'server-restarted', slot: 0, variant: 'default', server: 'web', pid: 1, ms: 1 } as const;
  // One lane of 60,000 is copied at each event: the bound is reached from a state near it.
  const near = {
    'slot 0': Array.from({ length: 59_999 }, (_, from) => ({ kind: 'restart' as const, from, to: from, title: '' })),
  };
  timeline = { ...timeline, lanes: near, spans: 59_999 };
  for (let at = 0; at < 3; at += 1) timeline = reduceTimeline(timeline, { ...crash, at: 60_000 + at, run: 'r' });
  expect(timeline.spans).toBeLessThan(50_000);
  expect(timeline.spans + timeline.dropped).toBe(60_002);
  expect(timeline.lanes['slot 0']?.length).toBe(timeline.spans);
});

const ofTest = { test: a, scope: 'test' } as const;

function after(...events: readonly (readonly [at: number, event: StacksEvent])[]): Timeline {
  return events.reduce((timeline, [at, event]) => reduceTimeline(timeline, { at, run: 'r', ...event }), EMPTY_TIMELINE);
}

test('the wait for a slot of the machine is a span of its stack, also where its worker ends meanwhile', () => {
  const of = { slot: 1, variant: 'default', worker: 4 };
  const waits = { type: 'machine-waits', ...of, slots: 2, by: [], again: true } as const;
  for (const end of [{ type: 'machine-taken', ...of, ms: 7 } as const, { type: 'released', ...of } as const]) {
    const { lanes, open } = after([1, waits], [8, end]);
    expect(open).toEqual({});
    expect(lanes['slot 1']).toMatchObject([{ kind: 'wait', title: 'a slot of the machine', from: 1, to: 8 }]);
  }
});
