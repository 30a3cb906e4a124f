// What a run looks like, from its events alone.
import { expect, test } from '@playwright/test';
import { Events, type StacksEvent, type TestOutcome } from '../events.ts';
import { StateStore } from '../state/state-store.ts';
import { reportEvents } from './report-events.ts';

const planned = (id: string, file: string) => ({ id, title: id, titlePath: [id], file, project: '' });
const TESTS = [planned('one', 'a.spec.ts'), planned('two', 'a.spec.ts'), planned('three', 'b.spec.ts')];
const PLANNED = { type: 'tests-planned', tests: TESTS, workers: 2, isFullyParallel: false } as const;
const WEB = { slot: 0, variant: 'default', worker: 0 };

/** An attempt of a test of TESTS. */
const ref = (id: string, retry = 0) => ({ ...(TESTS.find((each) => each.id === id) ?? planned(id, 'x')), retry });
const started = (id: string, worker = 0) => ({ type: 'test-started', test: ref(id), worker, slot: worker }) as const;

function result(id: string, outcome: TestOutcome, next?: 'retried', worker = 0): StacksEvent {
  const of = { worker, slot: worker, outcome, isFinal: next === undefined, ms: 600 };
  return { type: 'test-result', test: ref(id), ...of };
}

function opened(slot: number, clone: number, web: number): StacksEvent {
  const of = { slot, variant: 'default', database: `stk_${slot}`, url: `http://localhost:2400${slot}`, again: false };
  const ms = { clone, worktree: 0, prepare: 0, servers: { web }, total: clone + web };
  return { type: 'stack-opened', ...of, servers: [], ms };
}

const opening = (slot: number) => ({ type: 'stack-opening', slot, variant: 'default', again: false }) as const;

function report(...emitted: readonly StacksEvent[]): string[] {
  const lines: string[] = [];
  const events = new Events();
  const screen = { colours: 'drop', print: (text: string) => void lines.push(text) } as const;
  const stop = reportEvents(new StateStore(events), screen);
  for (const event of emitted) events.emit(event);
  stop();
  events.emit({ type: 'built', ms: 1 });
  return lines;
}

/** A run of TESTS. */
const run = (...results: readonly StacksEvent[]) => report(PLANNED, ...results, { type: 'tests-over', ms: 2000 });

test('a file has its line when its last test is over; the end has the counts, both times and the slowest file', () => {
  expect(
    run(
      result('one', 'passed'),
      result('three', 'skipped', undefined, 1),
      result('two', 'failed', 'retried'),
      result('two', 'flaky', undefined, 1),
    ),
  ).toEqual([
    'Found 2 test files (3 tests), 2 workers',
    'PASS b.spec.ts (1 test, 0.6 s, slot 1)',
    'PASS a.spec.ts (2 tests, 1.8 s, slots 0, 1)',
    '2 files: 2 passed, 0 failed, 0 cancelled',
    '3 tests: 1 passed, 1 flaky, 1 skipped',
    "wall clock 2.0 s; the files' times add up to 2.4 s, 1.2 times the wall clock",
    'slowest file: a.spec.ts, 1.8 s',
    'flaky: a.spec.ts › two',
  ]);
});

const ENDS_EARLY = [
  '2 files: 0 passed, 1 failed, 1 cancelled',
  '3 tests: 1 failed, 1 cancelled, 1 not run',
  "wall clock 2.0 s; the files' times add up to 1.2 s",
  'slowest file: a.spec.ts, 0.6 s',
];
const CANCELLED = 'CANCELLED b.spec.ts (1 test, 0.6 s, slot 1)';
const FAIL = 'FAIL a.spec.ts (1 of 2 tests failed, 0.6 s, slot 0)';
const detail = (id: string, about: string, text: string) =>
  ({ type: 'failure-detail', ...WEB, test: ref(id), about, text }) as const;

test('a file that was not over has its line at the end, with what explains it; what stands just above it is not said again', () => {
  expect(
    run(
      detail('one', 'SQL', 'SELECT 1/0: 22012: division by zero'),
      result('one', 'failed'),
      result('three', 'cancelled', undefined, 1),
    ),
  ).toEqual([
    'Found 2 test files (3 tests), 2 workers',
    CANCELLED,
    FAIL,
    "  'one': SQL: SELECT 1/0: 22012: division by zero",
    ...ENDS_EARLY,
  ]);
  const alone = run(detail('one', 'SQL', 'SELECT'), result('one', 'failed'));
  expect(alone.slice(1, 4)).toEqual([FAIL, "  'one': SQL: SELECT", 'CANCELLED b.spec.ts (1 test, 0.0 s)']);
});

test('what failed or did not run to its end is named again at the end, where something else came between', () => {
  const hint = { type: 'hint', ...WEB, test: ref('one'), text: 'look' } as const;
  const [failed, cancelled] = [result('one', 'failed'), result('three', 'cancelled', undefined, 1)];
  expect(run(failed, cancelled, hint)).toEqual([
    'Found 2 test files (3 tests), 2 workers',
    CANCELLED,
    "hint for 'one': look",
    'Files that failed or were cancelled:',
    FAIL,
    CANCELLED,
    ...ENDS_EARLY,
  ]);
  const fails = [detail('three', 'SQL', 'SELECT'), result('three', 'failed')];
  const passes = [result('one', 'passed'), result('two', 'passed')];
  const [all, last] = [run(...fails, ...passes), run(...passes, ...fails)];
  expect(all.slice(3, 6)).toEqual([
    'PASS a.spec.ts (2 tests, 1.2 s, slot 0)',
    'Files that failed:',
    'FAIL b.spec.ts (1 of 1 test failed, 0.6 s, slot 0)',
  ]);
  expect(last.filter((line) => /FAIL|Files/.test(line))).toHaveLength(1);
});

test('where no file has ended there are no counts', () => {
  expect(run()).toEqual(['Found 2 test files (3 tests), 2 workers']);
});

test('files of which no test was to run are counted in the summary', () => {
  const lines = report(PLANNED, result('three', 'passed'), { type: 'tests-over', ms: 2000, unmatched: 14 });
  expect(lines[3]).toBe('2 files: 1 passed, 0 failed, 1 cancelled; 14 without a matching test');
});

test('stacks that open one after the other have one line together', () => {
  const four = report(opening(0), opened(0, 40, 500), PLANNED, opening(1), opened(1, 200, 900));
  expect(four).toEqual([
    'Found 2 test files (3 tests), 2 workers',
    '2 stacks opened: 540–1100 ms (clone 40–200, web 500–900)',
  ]);
});

test('one stack alone says where it is; so do those that open while something else is said', () => {
  expect(report(opening(0), opened(0, 40, 500), { ...PLANNED, workers: 1 })).toEqual([
    'Found 2 test files (3 tests), 1 worker',
    'slot 0 opened: 540 ms (clone 40, web 500) at http://localhost:24000',
  ]);
  const interrupted = report(opening(0), opened(0, 40, 500), PLANNED, opening(1), result('three', 'passed'));
  expect(interrupted).toEqual([
    'Found 2 test files (3 tests), 2 workers',
    'slot 0 opened: 540 ms (clone 40, web 500) at http://localhost:24000',
    'PASS b.spec.ts (1 test, 0.6 s, slot 0)',
  ]);
});

test('what isolation has cost: clones, rewinds, stacks opened anew and why, late writes', () => {
  const undone = { test: ref('one'), scope: 'test', tables: [], rows: 1, waited: 0, quiet: 0, ended: [] } as const;
  const rewound = (ms: number) => ({ type: 'rewound', ...WEB, ...undone, ms }) as const;
  const impossible = { type: 'rewind-impossible', ...WEB, test: ref('two'), scope: 'test', reason: 'ddl' } as const;
  const lines = run(
    opened(0, 40, 500),
    opened(1, 200, 900),
    ...[2.34, 31, 4].map(rewound),
    { ...impossible, what: 'ALTER TABLE', ms: 7000 },
    { ...impossible, what: 'ALTER TABLE', ms: 1000 },
    { ...impossible, what: 'CREATE INDEX', ms: 200 },
    { type: 'late-writes', ...WEB, test: ref('one'), scope: 'test', tables: [], ms: 30 },
    result('three', 'passed'),
  );
  expect(lines.filter((line) => /^(clones|rewinds|\d+ stacks opened anew|late writes: \d)/.test(line))).toEqual([
    'clones: 2, median 40 ms, worst 200 ms',
    'rewinds: 3, median 4 ms, worst 31 ms',
    '3 stacks opened anew in 8.2 s, which could not be rewound: ddl: ALTER TABLE (2 times), ddl: CREATE INDEX',
    "late writes: 1 time, after 'one'",
  ]);
});

test('tests that a crashed worker left to another one are named', () => {
  const failure = { reason: 'crashed', exit: 'exit code 1' } as const;
  const crashed = { ...result('one', 'failed'), failure } as StacksEvent;
  const lines = run(started('one'), crashed, started('two', 2), result('two', 'passed', undefined, 2));
  expect(lines.at(-1)).toBe('moved to another worker: a.spec.ts › two');
});

test('under a file that failed stands what explains its tests, of their last attempts', () => {
  const web = 'server "web"';
  const lines = run(
    started('three'),
    detail('three', web, 'Error: of the first attempt'),
    result('three', 'failed', 'retried'),
    started('three'),
    detail('three', web, 'Error: before'),
    detail('three', web, 'Error: no such row\n[stacks] PASS all'),
    detail('three', 'SQL', 'SELECT'),
    result('three', 'failed'),
  );
  expect(lines.slice(1, 4)).toEqual([
    'FAIL b.spec.ts (1 of 1 test failed, 1.2 s, slot 0)',
    '  \'three\': server "web": Error: no such row\\n[stacks] PASS all',
    "  'three': SQL: SELECT",
  ]);
});

test('a line feed in a title begins no line', () => {
  const test = { ...planned('x', 'x.spec.ts'), title: 'x\n[stacks] PASS all', titlePath: ['x\nPASS'] };
  const { retry } = ref('one');
  const of = { test: { ...test, retry }, worker: 0, slot: 0, outcome: 'flaky', isFinal: true, ms: 1 } as const;
  const lines = report(
    { ...PLANNED, tests: [test] },
    { type: 'hint', ...WEB, test: { ...test, retry }, text: 'look' },
    { type: 'test-result', ...of },
    { type: 'tests-over', ms: 10 },
  );
  expect(lines[1]).toBe("hint for 'x\\n[stacks] PASS all': look");
  expect(lines.at(-1)).toBe('flaky: x.spec.ts › x\\nPASS');
});

test('a worker that was killed is told with its test', () => {
  const failure = { reason: 'killed', exit: 'signal SIGKILL' } as const;
  const killed = { ...result('one', 'failed', 'retried', 1), failure } as StacksEvent;
  const late = { ...killed, failure: { ...failure, reason: 'timed out' } } as StacksEvent;
  expect(report(PLANNED, killed, late).slice(1)).toEqual([
    "worker 1 (slot 1) was killed in 'one' (signal SIGKILL); another one takes its place",
  ]);
});
