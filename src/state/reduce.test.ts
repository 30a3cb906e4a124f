// The state of a run, as its events make it.
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import type { StacksEvent, StampedEvent, TestOutcome, TestRef } from '../events.ts';
import { reduce } from './reduce.ts';
import { INITIAL_STATE, type RunState } from './run-state.ts';

const refs = ['a', 'b', 'c'].map((id): TestRef => {
  return { id, title: id, titlePath: [id], file: 'x.spec.ts', project: '', retry: 0 };
});
const [a, b, c] = refs as [TestRef, TestRef, TestRef];
const slot0 = { slot: 0, variant: 'default' } as const;

test('progress: waiting, running, over; a retry waits again', () => {
  const { progress } = after(
    { type: 'tests-planned', tests: refs, workers: 2, isFullyParallel: false },
    started(a, 0),
    result(a, 0, 'passed'),
    started(b, 0),
    result(b, 0, 'failed', { isFinal: false }),
    started({ ...b, retry: 1 }, 1),
  );
  expect(progress).toMatchObject({ total: 3, waiting: 1, running: 1, completed: 1, passed: 1, failed: 0 });
});

test('what explains a failure is of one attempt, each thing once, and bounded', () => {
  const detail = (test: TestRef, about: string, text: string): StacksEvent => {
    return { type: 'failure-detail', ...slot0, worker: 0, test, about, text };
  };
  const events: StacksEvent[] = [
    { type: 'tests-planned', tests: [a], workers: 1, isFullyParallel: false },
    started(a, 0),
    detail(a, 'SQL', 'one'),
    detail(a, 'server "web"', 'x'.repeat(100_000)),
    detail(a, 'SQL', 'two'),
  ];
  const detailsOf = (state: RunState) =>
    state.files['x.spec.ts']?.tests.a?.details.map(({ about, text }) => [about, text.length]);
  expect(detailsOf(after(...events))).toEqual([
    ['server "web"', 1_000],
    ['SQL', 3],
  ]);
  const again = { ...a, retry: 1 };
  const second = [result(a, 0, 'failed', { isFinal: false }), started(again, 1), detail(again, 'SQL', 'other')];
  expect(detailsOf(after(...events, ...second))).toEqual([['SQL', 5]]);
});

test('a test has what its statements came to, without their texts: those of its last attempt that had any', () => {
  const longest = [{ sql: 'SELECT 1', times: 2, ms: 1, rows: 2 }];
  const counted = (count: number): StacksEvent => {
    return { type: 'statements-counted', ...slot0, worker: 0, test: a, count, distinct: 1, ms: 1.5, rows: 2, longest };
  };
  const events: StacksEvent[] = [
    { type: 'tests-planned', tests: refs, workers: 1, isFullyParallel: false },
    started(a, 0),
    counted(7),
    result(a, 0, 'failed', { isFinal: false }),
    started({ ...a, retry: 1 }, 0),
  ];
  const of = (...all: StacksEvent[]) => after(...all).files['x.spec.ts']?.tests.a?.statements;
  expect(of(...events)).toEqual({ count: 7, distinct: 1, ms: 1.5, rows: 2 });
  expect(of(...events, counted(9))).toMatchObject({ count: 9 });
});

test('what comes late or was not planned changes nothing', () => {
  const events: StacksEvent[] = [
    { type: 'tests-planned', tests: [a], workers: 1, isFullyParallel: false },
    started(a, 0),
    result(a, 0, 'failed'),
  ];
  const before = after(...events).progress;
  expect(after(...events, started(a, 0), result(a, 0, 'passed'), started(b, 0)).progress).toEqual(before);
});

test('a worker that is killed: it is failed, then replaced; the rest of its file has moved', () => {
  const events: StacksEvent[] = [
    { type: 'tests-planned', tests: refs, workers: 1, isFullyParallel: false },
    started(a, 0),
    result(a, 0, 'passed'),
    started(b, 0),
    result(b, 0, 'failed', { failure: { reason: 'killed', exit: 'signal SIGKILL' } }),
    { type: 'released', ...slot0, worker: 0 },
  ];
  const why = { reason: 'killed', exit: 'signal SIGKILL', test: b };
  expect(after(...events).workers[0]).toMatchObject({ health: 'failed', why, tests: 2 });
  const next = after(...events, started(c, 1));
  expect(next.workers).toMatchObject({ 0: { health: 'replaced', why }, 1: { health: 'healthy', slot: 0 } });
  expect(next.files['x.spec.ts']?.tests.c).toMatchObject({ status: 'running', worker: 1, moves: 1 });
});

test('stacks and their servers: opening, open, crashed, started again, closed', () => {
  const servers = [{ name: 'web', pid: 1, port: 3001 }];
  const ms = { clone: 1, worktree: 0, prepare: 0, servers: { web: 2 }, total: 3 };
  const open: StacksEvent[] = [
    { type: 'stack-opening', ...slot0, again: false },
    { type: 'stack-opened', ...slot0, database: 'stk_1_0', url: 'http://localhost:3001', again: false, servers, ms },
    { type: 'leased', ...slot0, worker: 4, database: 'stk_1_0', ms: 1 },
  ];
  expect(after(...open).stacks['slot 0']).toMatchObject({
    status: 'open',
    worker: 4,
    servers: [{ health: 'healthy' }],
  });
  const exited = {
    type: 'server-exited',
    ...slot0,
    server: 'web',
    pid: 1,
    test: a,
    when: 'during',
    message: 'm',
  } as const;
  const why = { message: 'm', test: a };
  expect(after(...open, exited).stacks['slot 0']?.servers).toEqual([
    { name: 'web', pid: 1, port: 3001, health: 'failed', exits: 1, why },
  ]);
  const restarted = { type: 'server-restarted', ...slot0, server: 'web', pid: 2, ms: 1 } as const;
  expect(after(...open, exited, restarted).stacks['slot 0']?.servers).toEqual([
    { name: 'web', pid: 2, port: 3001, health: 'replaced', exits: 1, why },
  ]);
  const closed = after(...open, { type: 'released', ...slot0, worker: 4 }, { type: 'stack-closed', ...slot0 });
  expect(closed.stacks['slot 0']).toMatchObject({
    status: 'closed',
    worker: undefined,
    servers: [{ health: 'stopped' }],
  });
});

test('worktrees: where they are, what bringing them back cost, what was committed; conflicts by slot and file', () => {
  const ms = { clone: 1, worktree: 2, prepare: 0, servers: {}, total: 3 };
  const stack = { ...slot0, database: 'stk_1_0', url: undefined, servers: [], ms };
  const opened = { type: 'stack-opened', ...stack, worktree: '/tmp/w/app', again: false } as const;
  const of = { ...slot0, worker: 0, test: a, scope: 'test' } as const;
  const reset = { type: 'worktree-reset', ...of, paths: 1, look: 'known' } as const;
  const conflicts = [{ files: ['list.txt'], slots: [0, 1], commits: ['c1', 'c2'] }];
  const events: StacksEvent[] = [
    opened,
    { ...reset, ms: 2 },
    { type: 'committed', ...of, refs: ['refs/stacks/stk_1_0/1', 'refs/stacks/stk_1_0/2'] },
    { ...reset, ms: 5 },
    { ...reset, ms: 3 },
  ];
  const worktree = { path: '/tmp/w/app', resets: 3, ms: 10, worst: 5, commits: 2 };
  expect(after(...events).stacks['slot 0']?.worktree).toEqual(worktree);
  expect(after(...events, { ...opened, again: true }).stacks['slot 0']?.worktree).toEqual(worktree);
  expect(after(...events).conflicts).toBeUndefined();
  expect(after(...events, { type: 'conflicts', conflicts, pairs: 1, compared: 1 }).conflicts).toEqual(conflicts);
  expect(after({ type: 'stack-opened', ...stack, again: false }).stacks['slot 0']?.worktree).toBeUndefined();
});

test('locks: who holds them, who waits; none of a worker that has ended', () => {
  const lock = (type: 'lock-asked' | 'lock-taken' | 'lock-released', worker: number, of: TestRef): StacksEvent => {
    return { type, slot: worker, variant: 'default', worker, name: 'x', mode: 'read-write', test: of };
  };
  const events = [lock('lock-asked', 0, a), lock('lock-taken', 0, a), lock('lock-asked', 1, b)];
  expect(after(...events).locks.x).toMatchObject({
    holders: [{ worker: 0, test: a }],
    waiting: [{ worker: 1, test: b }],
  });
  expect(after(...events, { type: 'released', ...slot0, worker: 0 }).locks.x?.holders).toEqual([]);
  expect(
    after(...events, lock('lock-released', 0, a), lock('lock-taken', 1, b), lock('lock-released', 1, b)).locks,
  ).toEqual({});
});

test('a lock may have the name of what every object has', () => {
  for (const name of ['constructor', '__proto__', 'toString']) {
    const lock = (type: 'lock-asked' | 'lock-taken' | 'lock-released'): StacksEvent => {
      return { type, ...slot0, worker: 0, name, mode: 'read-write', test: a };
    };
    const { locks } = after(lock('lock-asked'), lock('lock-taken'));
    expect(Object.values(locks)).toMatchObject([{ name, holders: [{ test: a }], waiting: [] }]);
    expect(after(lock('lock-asked'), lock('lock-taken'), lock('lock-released')).locks).toEqual({});
  }
});

test('a new run begins with nothing; a new invocation with its own tests', () => {
  const planned: StacksEvent = { type: 'tests-planned', tests: refs, workers: 1, isFullyParallel: false };
  const first = after(planned, result(a, 0, 'failed'), { type: 'run-ended', ms: 1 });
  expect(first.phase).toBe('ended');
  const again = after(planned, result(a, 0, 'failed'), { ...planned, tests: [b] });
  expect(again.progress).toMatchObject({ invocation: 2, total: 1, waiting: 1, failed: 0 });
  const next = after(planned, { type: 'run-started', run: 'r2', workers: 1, folder: '/', reaper: 1 });
  expect(next).toMatchObject({ phase: 'starting', progress: { total: 0 }, files: {} });
});

test('whatever comes in whatever order: the parts make the whole, and what is over stays so', () => {
  const event = fc.oneof(
    fc.record({ of: fc.constantFrom(...refs), worker: fc.nat(3), type: fc.constant('start') }),
    fc.record({
      ...{ of: fc.constantFrom(...refs), worker: fc.nat(3), type: fc.constant('end'), isFinal: fc.boolean() },
      outcome: fc.constantFrom<TestOutcome>('passed', 'failed', 'flaky', 'skipped', 'cancelled'),
    }),
  );
  fc.assert(
    fc.property(fc.array(event, { maxLength: 40 }), (events) => {
      let state = after({ type: 'tests-planned', tests: refs, workers: 4, isFullyParallel: true });
      for (const each of events) {
        const next =
          'outcome' in each
            ? result(each.of, each.worker, each.outcome, { isFinal: each.isFinal })
            : started(each.of, each.worker);
        const { completed, failed } = state.progress;
        state = reduce(state, stamped(next));
        const { progress } = state;
        expect(progress.waiting + progress.running + progress.completed).toBe(3);
        expect(progress.passed + progress.failed + progress.flaky + progress.skipped + progress.cancelled).toBe(
          progress.completed,
        );
        expect(progress.completed).toBeGreaterThanOrEqual(completed);
        expect(progress.failed).toBeGreaterThanOrEqual(failed);
      }
    }),
  );
});

test('10,000 tests of a file, and of as many files: each event is one of many, and no state changes with a later one', () => {
  for (const files of [1, 10_000]) {
    const tests = Array.from({ length: 10_000 }, (_, n): TestRef => {
      return { ...a, id: `${n}-${files}`, file: `${n % files}.spec.ts` };
    });
    const planned = after({ type: 'tests-planned', tests, workers: 4, isFullyParallel: false });
    let [state, middle] = [planned, planned];
    for (const [n, each] of tests.entries()) {
      state = reduce(state, stamped(started(each, n % 4)));
      state = reduce(state, stamped(result(each, n % 4, n % 10 === 0 ? 'failed' : 'passed')));
      if (n === 4_999) middle = state;
    }
    expect(planned.progress).toMatchObject({ waiting: 10_000, completed: 0, filesCompleted: 0 });
    expect(planned.files['0.spec.ts']?.tests[`0-${files}`]?.status).toBe('waiting');
    expect(middle.progress).toMatchObject({ waiting: 5_000, running: 0, completed: 5_000, failed: 500 });
    expect(state.progress).toMatchObject({ completed: 10_000, passed: 9_000, failed: 1_000, filesCompleted: files });
    const of = Object.values(middle.files);
    const all = of.flatMap((file) => Object.values(file.tests));
    expect(all.filter(({ status }) => status === 'failed')).toHaveLength(500);
    expect(of.reduce((sum, { counts }) => sum + counts.completed, 0)).toBe(5_000);
    expect(of.reduce((sum, { ms }) => sum + ms, 0)).toBe(5_000);
  }
});

test('the tests that run are listed, the longest first', () => {
  const events = [{ type: 'tests-planned', tests: refs, workers: 3, isFullyParallel: true } as const, started(b, 1)];
  const both = after(...events, started(a, 0));
  expect(both.running.map(({ file, id }) => [file, id])).toEqual([
    ['x.spec.ts', 'b'],
    ['x.spec.ts', 'a'],
  ]);
  expect(reduce(both, stamped(result(b, 1, 'failed', { isFinal: false }))).running).toEqual([
    { file: 'x.spec.ts', id: 'a' },
  ]);
});

test('the state is the same after it was written as JSON', () => {
  const events = [{ type: 'tests-planned', tests: refs, workers: 1, isFullyParallel: false } as const, started(a, 0)];
  const state = after(...events);
  const read = JSON.parse(JSON.stringify(state)) as RunState;
  const next = stamped(result(a, 0, 'passed'));
  expect(JSON.stringify(reduce(read, next))).toBe(JSON.stringify(reduce(state, next)));
});

function started(of: TestRef, worker: number): StacksEvent {
  return { type: 'test-started', test: of, worker, slot: 0 };
}

function result(of: TestRef, worker: number, outcome: TestOutcome, more: object = {}): StacksEvent {
  return { type: 'test-result', test: of, worker, slot: 0, outcome, isFinal: true, ms: 1, ...more };
}

function after(...events: readonly StacksEvent[]): RunState {
  return events.map(stamped).reduce(reduce, INITIAL_STATE);
}

function stamped(event: StacksEvent): StampedEvent {
  return { at: 1, run: 'r', ...event } as StampedEvent;
}
