// The events of a run as they might come, for whoever looks at the page: a first start, tests on several slots, failures,
// a crash, locks, an end.
import type { StampedEvent, TestRef } from '../../events.ts';
import { ERROR, earlier, outcomeOf, type Sample, tests } from './sample-tests.ts';
import { Script, stack, worker } from './script.ts';

/** With what is said when the run begins, until slot 0 is open. */
export function booting({ slots, began }: Sample): StampedEvent[] {
  const events = new Script(began);
  events.add(0, { type: 'run-started', run: 'c0ffee4711', workers: slots, folder: '/tmp/x', reaper: 7 });
  events.add(30, { type: 'step-began', step: 'postgres' });
  events.add(1_900, { type: 'step-ended', step: 'postgres', ms: 1_870, failed: false });
  events.add(0, {
    type: 'postgres-ready',
    kind: 'embedded',
    version: '18.4',
    port: 4100,
    cluster: 'initdb',
    folder: '/dev/shm/x',
    ms: 1_900,
  });
  events.add(10, { type: 'step-began', step: 'database.migrate' });
  events.add(900, { type: 'step-output', step: 'database.migrate', lines: MIGRATIONS });
  return events.all;
}

const MIGRATIONS = [
  '> notes@1.0.0 db:migrate',
  '> node-pg-migrate up',
  '',
  '### MIGRATION 1741600000000_accounts (UP) ###',
  'CREATE TABLE accounts (id bigserial PRIMARY KEY, email text NOT NULL UNIQUE);',
  '### MIGRATION 1741700000000_notebooks (UP) ###',
  'CREATE TABLE notebooks (id bigserial PRIMARY KEY, account bigint REFERENCES accounts);',
];

/** What follows: until `share` of the tests are over, and with 1 until the end. */
export function running(sample: Sample, share: number): StampedEvent[] {
  const { slots, began } = sample;
  const events = new Script(began + 3_000);
  events.add(0, { type: 'step-ended', step: 'database.migrate', ms: 1_060, failed: false });
  events.add(0, {
    type: 'template-ready',
    database: 'stk_template_1',
    built: true,
    reusable: true,
    migrate: 1_060,
    seed: 0,
    ms: 1_100,
  });
  const planned = tests(sample);
  events.add(5, {
    type: 'tests-planned',
    tests: planned.map(({ retry: _, ...test }) => test),
    workers: slots,
    isFullyParallel: true,
  });
  events.add(1, { type: 'earlier-runs', tests: Object.fromEntries(planned.flatMap(earlier)) });
  for (let slot = 0; slot < slots; slot += 1) {
    events.add(1, { type: 'stack-opening', ...stack(slot), again: false });
    events.add(1, { type: 'step-began', step: 'server "web"', stack: stack(slot) });
  }
  for (let slot = 0; slot < slots; slot += 1) open(events, slot, false, 400 + slot * 10);
  play(events, sample, planned, Math.round(planned.length * share));
  if (share === 1) {
    events.add(100, {
      type: 'conflicts',
      conflicts: [{ files: ['docs/a.md'], slots: [0, 1], commits: ['c1', 'c2'] }],
      pairs: 1,
      compared: 1,
    });
    for (let slot = 0; slot < slots; slot += 1) events.add(5, { type: 'stack-closed', ...stack(slot) });
    events.add(50, { type: 'run-ended', ms: events.at - began });
    events.add(5, { type: 'tests-over', ms: events.at - began });
  }
  return events.all;
}

function open(events: Script, slot: number, again: boolean, web: number): void {
  events.add(30, { type: 'step-ended', step: 'server "web"', stack: stack(slot), ms: web, failed: false });
  events.add(1, {
    ...{
      type: 'stack-opened',
      ...stack(slot),
      database: `stk_c0ffee4711_${slot}`,
      url: `http://localhost:${4200 + slot}/`,
    },
    ...{ again, servers: [{ name: 'web', pid: 9_000 + slot, port: 4200 + slot }] },
    ms: { clone: 41, worktree: 0, prepare: 0, servers: { web }, total: web + 60 },
  });
}

/** Each worker takes the next test; some fail, one crashes its server, two want one lock. */
function play(events: Script, { slots }: Sample, planned: readonly TestRef[], until: number): void {
  const busy: (number | undefined)[] = Array.from({ length: slots }, () => undefined);
  let next = 0;
  let over = 0;
  for (let slot = 0; slot < slots; slot += 1)
    events.add(2, { type: 'leased', ...worker(slot), database: 'd', ms: slot * 30 });
  while (over < until) {
    for (let slot = 0; slot < slots && over < until; slot += 1) {
      const running = busy[slot];
      if (running !== undefined) {
        finish(events, slot, planned[running] as TestRef, running);
        over += 1;
      }
      busy[slot] = next < planned.length ? next++ : undefined;
      const test = planned[busy[slot] ?? -1];
      if (test) begin(events, slot, test, busy[slot] ?? 0);
    }
  }
}

function begin(events: Script, slot: number, test: TestRef, index: number): void {
  events.add(4, { type: 'test-started', test, worker: slot, slot });
  events.began.set(slot, events.at);
  events.add(3, { type: 'test-began', ...worker(slot), test });
  if (index % 11 !== 4) return;
  const lock = { ...worker(slot), name: 'mailbox', mode: 'read-write', test } as const;
  events.add(1, { type: 'lock-asked', ...lock });
  events.add(70, { type: 'lock-taken', ...lock });
}

function finish(events: Script, slot: number, test: TestRef, index: number): void {
  const outcome = outcomeOf(index);
  events.add(index === 16 ? 900 : 60 + ((index * 37) % 180), {
    type: 'test-ended',
    ...worker(slot),
    test,
    status: outcome,
  });
  const statements = { count: 4 + (index % 9), distinct: 3, ms: 0.4 * (1 + (index % 7)), rows: index % 5, longest: [] };
  events.add(0, { type: 'statements-counted', ...worker(slot), test, ...statements });
  if (index % 11 === 4)
    events.add(1, { type: 'lock-released', ...worker(slot), name: 'mailbox', mode: 'read-write', test });
  const tables = [{ table: 'public.notes', deleted: 0, inserted: 1 + (index % 5) }];
  if (index === 13) {
    const message =
      'server "web" of slot 1 ended with code 1: Error: connect ECONNREFUSED\n  | at Pool.connect (src/db.js:11)';
    events.add(1, { type: 'server-exited', ...stack(slot), server: 'web', pid: 9_001, test, when: 'during', message });
    events.add(180, { type: 'server-restarted', ...stack(slot), server: 'web', pid: 9_101, ms: 176 });
  }
  if (index % 17 === 9) events.add(1, { type: 'late-writes', ...worker(slot), test, scope: 'test', tables, ms: 12 });
  if (index % 23 === 20) {
    const opened = { clone: 45, worktree: 0, prepare: 0, servers: { web: 210 }, total: 255 };
    events.add(260, {
      type: 'rewind-impossible',
      ...worker(slot),
      test,
      scope: 'test',
      reason: 'DDL',
      what: 'ALTER TABLE notes',
      ms: 258,
      opened,
    });
  } else
    events.add(2, {
      type: 'rewound',
      ...worker(slot),
      test,
      scope: 'test',
      rows: 1 + (index % 5),
      tables,
      ms: 2,
      waited: 0,
      quiet: 0,
      ended: [],
    });
  if (index === 6) {
    const text =
      'insert into notes (title, account) values ($1, $2): duplicate key value violates unique constraint "notes_title"';
    events.add(1, { type: 'failure-detail', ...worker(slot), test, about: 'SQL', text });
  }
  const errors =
    outcome === 'failed' || outcome === 'flaky' ? { errors: [{ message: ERROR, at: `${test.file}:14` }] } : {};
  const ms = events.at - (events.began.get(slot) ?? events.at);
  events.add(3, { type: 'test-result', test, worker: slot, slot, outcome, isFinal: true, ms, ...errors });
}
