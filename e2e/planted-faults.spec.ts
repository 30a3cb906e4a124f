// The demo with a fault of each kind planted: what a person sees on terminals and in a pipe, and what a failed test says.
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { JSONReport } from '@playwright/test/reporter';
import { Terminal } from '../src/reporter/testing/terminal.ts';
import { expect, type Project, test } from './harness/test.ts';

// The demo's own server, with routes that are not the demo's.
const FAULTS = `
  import { Server } from 'node:http';
  import pg from 'pg';
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 3, application_name: 'faults' });
  pool.on('error', () => {});
  const faults = {
    '/faults/n-plus-one': async () => {
      const { rows } = await pool.query('SELECT id FROM users ORDER BY id');
      for (let round = 0; round < 6; round += 1) await pool.query('SELECT name FROM notebooks WHERE owner_id = $1', [rows[0].id]);
    },
    '/faults/lock': async () => {
      const holder = await pool.connect();
      await holder.query('BEGIN');
      await holder.query('LOCK TABLE stars');
      const waiting = pool.query('UPDATE stars SET note_id = note_id WHERE note_id = 0');
      // Postgres logs a wait that has lasted for deadlock_timeout, 1 s.
      const isLong = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock' AND clock_timestamp() - query_start > '1.2 s'";
      await pool.query('DO $$ BEGIN WHILE NOT EXISTS (' + isLong + ') LOOP PERFORM pg_sleep(0.05), pg_stat_clear_snapshot(); END LOOP; END $$');
      await holder.query('COMMIT');
      holder.release();
      await waiting;
    },
    '/faults/500': async () => {
      throw new Error('the planted fault');
    },
    '/faults/constraint': async () => {
      await pool.query('INSERT INTO users (id, email, name, password_hash) OVERRIDING SYSTEM VALUE SELECT id, email, name, password_hash FROM users LIMIT 1');
    },
    '/faults/crash': async () => {
      console.error('Error: the server gives up');
      process.exit(7);
    },
    '/faults/late': async () => {
      const id = (await pool.query("INSERT INTO notebooks (owner_id, name) SELECT min(id), 'written late' FROM users RETURNING id")).rows[0].id;
      void writeAgain(id);
    },
  };
  // Once more when the row is gone: the test is over and rewound.
  async function writeAgain(id) {
    for (let found = 1; found > 0; ) found = (await pool.query('SELECT FROM notebooks WHERE id = $1', [id])).rowCount;
    await pool.query("INSERT INTO notebooks (owner_id, name) SELECT min(id), 'written late' FROM users");
  }
  const { emit } = Server.prototype;
  Server.prototype.emit = function (name, request, response) {
    const fault = name === 'request' && faults[request.url];
    if (!fault) return emit.apply(this, arguments);
    fault().then(
      () => response.end('done'),
      (error) => {
        console.error(error);
        response.writeHead(500).end();
      },
    );
    return true;
  };
`;

// Says little, so that all that is printed can be said here.
const REPORTER = `
  export default class {
    onTestEnd({ title }) {
      process.stdout.write('done: ' + title + '\\n');
    }
    printsToStdio() {
      return true;
    }
  }
`;

const SPEC = `
  import { expect, test } from '@playwright/test';
  import { Notebooks } from './pages/notebooks.ts';
  import { ada, signIn } from './pages/session.ts';
  test('passes', async ({ page }) => {
    await signIn(page, ada);
    await new Notebooks(page).create('Travel');
  });
  const asks = (title, path, status) =>
    test(title, async ({ request }) => {
      expect((await request.get(path)).status(), 'on purpose').toBe(status);
    });
  asks('asks again and again', '/faults/n-plus-one', 418);
  asks('waits for a lock, with a title that has no room beside the slot and the clock on a terminal of eighty columns', '/faults/lock', 418);
  asks('gets an error', '/faults/500', 418);
  asks('breaks a constraint', '/faults/constraint', 418);
  asks('ends the server', '/faults/crash', 418);
  asks('leaves a late writer', '/faults/late', 200);
  asks('comes after it', '/login', 418);
`;

/** What it prints, but for numbers, hints, and what servers print. */
const LINES = [
  '[stacks] postgres 18.4 (embedded, CLUSTER): N ms',
  '[stacks] TEMPLATE: N ms',
  '[stacks] Found 1 test file (8 tests), 1 worker',
  '[stacks] slot 0 opened: N ms (clone N, web N) at http://localhost:N',
  'done: passes',
  'done: asks again and again',
  'done: waits for a lock, with a title that has no room beside the slot and the clock on a terminal of eighty columns',
  'done: gets an error',
  'done: breaks a constraint',
  'done: ends the server',
  'done: leaves a late writer',
  "[stacks] late writes: public.notebooks (1) changed up to N ms after 'leaves a late writer' ended; undone",
  'done: comes after it',
  '[stacks] FAIL planted.spec.ts (6 of 8 tests failed, N s, slot 0)',
  "[stacks]   'asks again and again': N+1: 6 × SELECT name FROM notebooks WHERE owner_id = ?",
  "[stacks]   'waits for a lock, with a title that has no room beside the slot and the clock on a terminal of eighty columns': waited for a lock: N ms or more: UPDATE stars SET note_id = note_id WHERE note_id = 0",
  `[stacks]   'gets an error': server "web": Error: the planted fault`,
  `[stacks]   'breaks a constraint': server "web": error: duplicate key value violates unique constraint "users_pkey"`,
  `[stacks]   'breaks a constraint': SQL: INSERT INTO users (id, email, name, password_hash) OVERRIDING SYSTEM VALUE SELECT id, email, name, password_hash FROM users LIMIT '***': 23505: duplicate key value violates unique constraint "users_pkey" Key (id)=(***) already exists.`,
  `[stacks]   'ends the server': server "web" ended: Error: the server gives up`,
  '[stacks] 1 file: 0 passed, 1 failed, 0 cancelled; 16 without a matching test',
  '[stacks] 8 tests: 2 passed, 6 failed',
  "[stacks] wall clock N s; the files' times add up to N s",
  '[stacks] clones: 1, median N ms, worst N ms',
  '[stacks] rewinds: 8, median N ms, worst N ms',
  `[stacks] late writes: 1 time, after 'leaves a late writer'`,
];

/** What the card of a test and the text for programs say. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  'asks again and again': ['N+1', 'SELECT name FROM notebooks WHERE owner_id'],
  'waits for a lock': ['waited for a lock', 'UPDATE stars SET note_id'],
  'gets an error': ['500', 'Error: the planted fault'],
  'breaks a constraint': ['23505', 'users_pkey'],
  'ends the server': ['Error: the server gives up', 'server &quot;web&quot;: ended'],
  'comes after it': ['leaves a late writer', 'public.notebooks'],
};

for (const columns of [80, 200]) {
  test(`each fault is named, on a terminal of ${columns} columns and in what a failed test is given @matrix`, async ({
    project,
    run,
    sandbox,
  }) => {
    sandbox.expectLeak(ofOthers);
    const notes = await planted(project);
    const through = ['bash', '-c', ON_TERMINAL, `${columns}`];
    const env = { FORCE_COLOR: undefined };
    const { exitCode, report } = await run(notes, ['planted'], { report: 'json', through, env });
    expect(exitCode).toBe(1);
    const raw = (await notes.read('typescript')).replace(/^Script started.*\n|\nScript done.*\n$/g, '');
    const { text, live } = shownOn(new Terminal(columns, 30), raw);
    expect(squeezed(linesOf(text, columns))).toEqual(LINES.map((line) => line.replaceAll(' ', '')));

    // While tests run: each of the live lines has one row.
    const title =
      'waits for a lock, with a title that has no room beside the slot and the clock on a terminal of eighty columns';
    const rows = live.filter((row) => /^ {2}slot 0 .* planted\.spec\.ts › waits for a lock/.test(row));
    expect(rows.length).toBeGreaterThan(0);
    for (const row of rows) expect(row.endsWith(columns === 80 ? '…' : title)).toBe(true);
    expect(live).toContainEqual(expect.stringMatching(/^\[stacks\] \d of 8 tests, 0 of 1 file, \d failed; /));

    for (const [title, words] of Object.entries(NAMED)) {
      const given = givenTo(title, report);
      for (const word of words) expect(given.card, title).toContain(word);
      for (const word of words)
        expect(await readFile(given.text, 'utf8'), title).toContain(word.replaceAll('&quot;', '"'));
    }
    expect(givenTo('passes', report)).toEqual({ card: '', text: '' });
  });
}

test('in a pipe each fault is named in plain lines @matrix', async ({ project, run, sandbox }) => {
  sandbox.expectLeak(ofOthers);
  const { exitCode, output } = await run(await planted(project), ['planted'], { env: { FORCE_COLOR: undefined } });
  expect(exitCode).toBe(1);
  // Standard output and standard error are two pipes: what comes from each has its order.
  expect(squeezed(linesOf(output, 100_000)).toSorted()).toEqual(
    LINES.map((line) => line.replaceAll(' ', '')).toSorted(),
  );
});

// A terminal of Linux's own; what is written to it goes to the file `typescript`.
const ON_TERMINAL = 'script -qefc "stty cols $0 rows 30; $(printf \'%q \' "$@")" typescript';

// What the migration tool's loader leaves in TMPDIR without us, too.
const ofOthers = /\/jiti/;

async function planted(project: (name: string, options: object) => Promise<Project>): Promise<Project> {
  const config = await readFile(path.join(import.meta.dirname, '../fixtures/notes/playwright.config.ts'), 'utf8');
  const files = {
    'faults.mjs': FAULTS,
    'plain-reporter.mjs': REPORTER,
    'e2e/planted.spec.ts': SPEC,
    'playwright.config.ts': config
      .replace("testDir: 'e2e',", "testDir: 'e2e', reporter: './plain-reporter.mjs',")
      .replace('workers: 4', 'workers: 1')
      .replace('node src/server.js', 'node --import ./faults.mjs src/server.js'),
  };
  return project('notes', { files, mayWrite: ['typescript'] });
}

/** What stands there at the end, and the rows that were the lowest at some moment. */
function shownOn(terminal: Terminal, raw: string): { text: string; live: readonly string[] } {
  const live = new Set<string>();
  // The lines are drawn again over themselves: what is there before a movement of the cursor was there to be seen.
  for (const part of raw.split(/(?<=\n)|(?=\p{Cc}\[)/u)) {
    terminal.write(part);
    for (const row of terminal.text.split('\n').slice(-3)) live.add(row);
  }
  return { text: terminal.text, live: [...live] };
}

/** Whole again where the terminal has broken them, without hints and what servers print. */
function linesOf(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const row of text.split(/\r?\n/)) {
    if (/^(\[(stacks|web 0)\]|done:)/.test(row) || columns > 1_000) lines.push(row);
    else lines.push(`${lines.pop() ?? ''}${row}`);
  }
  return lines.filter((line) => /^(\[stacks\] (?!hint )|done:)/.test(line));
}

/** A terminal keeps no space at the end of a row. */
function squeezed(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .replaceAll(' ', '')
      .replace(/(embedded,)[^)]*/, '$1CLUSTER')
      .replace(/template(built|reused)(?=:)|template(built|reused).*(?=:\d)/, 'TEMPLATE')
      .replace(/TEMPLATE:(\d+ms)\(.*\)/, 'TEMPLATE:$1')
      .replace(/\d+(\.\d)?(?=m?s(?:\b|after|ormore))|(?<=clone|web|localhost:)\d+/g, 'N')
      .replace(/,N?[\d.]+timesthewallclock/, ''),
  );
}

/** The picture, and the file that Playwright writes for programs. */
function givenTo(title: string, report: JSONReport | undefined): { card: string; text: string } {
  const specs = (report?.suites ?? []).flatMap((suite) => suite.specs);
  const results = specs.find((each) => each.title.startsWith(title))?.tests.flatMap((each) => each.results) ?? [];
  const given = results.flatMap((result) => result.attachments);
  const card = given.find(({ name }) => name === 'what happened')?.body ?? '';
  return {
    card: Buffer.from(card, 'base64').toString(),
    text: given.find(({ name }) => name === 'error-context')?.path ?? '',
  };
}
