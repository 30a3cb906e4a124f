// What is said of servers and files, and what of it a run must not begin with.
import { expect, test } from '@playwright/test';
import { builtFiles, inShort, withoutReport } from './checkout-files.ts';
import { findingsOfFiles, findingsOfReads, findingsOfRun, findingsOfServers } from './findings.ts';
import type { Reads } from './reads.ts';
import type { ServerUse } from './server-use.ts';

const use = (slot: number, also: Partial<ServerUse> = {}): ServerUse => ({
  ...{
    name: 'web',
    slot,
    url: `http://localhost:2400${slot}`,
    ports: [24000 + slot],
    database: undefined,
    own: [`stk_1_${slot}`],
  },
  ...{ otherStacks: [], elsewhere: [], named: ['DATABASE_URL'], ...also },
});
const lines = (uses: ServerUse[]) => findingsOfServers(uses).map(({ state, found }) => `${state}: ${found}`);

test('a server that is on the database of its slot is right', () => {
  expect(lines([use(0), use(1)])).toEqual([
    'ok: slot 0: port 24000, slot 1: port 24001; its files name DATABASE_URL',
    'ok: is on the database of its slot',
  ]);
});

const reads = (title: string, also: Partial<Reads> = {}): Reads => ({
  ...{ title, given: ['DATABASE_URL', 'PORT'], read: ['DATABASE_URL'], others: [], hasCopied: false, isSeen: true },
  ...also,
});

test('what was read is said; what files name, only where reads are not seen', () => {
  const found = (also: Partial<Reads>) => findingsOfServers([use(0)], [], [reads('server "web"', also)])[0]?.found;
  expect(found({})).toBe('slot 0: port 24000; reads DATABASE_URL');
  expect(found({ hasCopied: true })).toBe(
    'slot 0: port 24000; reads DATABASE_URL; makes a copy of its environment, in which reads are not seen; its files name DATABASE_URL',
  );
  expect(found({ isSeen: false, read: [] })).toBe(
    'slot 0: port 24000; is given DATABASE_URL, PORT, and no Node program, in which reads can be seen; its files name DATABASE_URL',
  );
});

test('a command that reads nothing of what it is given is a warning, where that can be seen', () => {
  const none = { read: [], others: ['POSTGRES_URL'] };
  const all = [
    // Most builds need none.
    reads('build', none),
    reads('server "web"'),
    reads('database.migrate', none),
    reads('build', { isSeen: false, read: [] }),
    reads('database.seed', { ...none, hasCopied: true }),
  ];
  expect(findingsOfReads(all)).toMatchObject([
    { state: 'ok', about: 'build' },
    {
      ...{ state: 'warn', about: 'database.migrate', found: 'reads none of what it is given; also POSTGRES_URL' },
      todo: "name the variable in which it reads its database: `database: { env: 'NAME' }`",
    },
    { state: 'ok', about: 'build' },
    { state: 'ok', about: 'database.seed' },
  ]);
});

test('another slot’s server fails; what all share, a further port and no session are said', () => {
  const own = { ports: [24000, 9229], own: [] };
  expect(
    lines([use(0, own), use(1, { elsewhere: ['127.0.0.1:6379'], otherStacks: ['127.0.0.1:24000 (slot 0)'] })]),
  ).toEqual([
    'ok: slot 0: port 24000 (and 9229), slot 1: port 24001; its files name DATABASE_URL',
    'warn: has no session on the database of slot 0',
    "fail: is connected to another slot's server: 127.0.0.1:24000 (slot 0)",
    'warn: is connected to 127.0.0.1:6379, which all slots share',
  ]);
  expect(lines([use(0), use(1, { own: [] })])).toContain('warn: has no session on the database of slot 1');
});

test('a server whose sessions have ended was on the database of its slot where the run has seen it there', () => {
  const seen = (slot: number) =>
    ({ type: 'database-used', slot, variant: 'default', server: 'web', at: 0, run: '1' }) as const;
  const uses = [use(0, { own: [] }), use(1, { own: [] })];
  const found = (slots: number[]) => findingsOfServers(uses, slots.map(seen)).map((each) => each.found);
  expect(found([0, 1])).toContain('is on the database of its slot');
  expect(found([1])).toContain('has no session on the database of slot 0');
});

test('a server that is said to use no database need not be on one', () => {
  expect(lines([use(0, { own: [], database: 'none' }), use(1, { own: [], database: 'none' })])).toEqual([
    'ok: slot 0: port 24000, slot 1: port 24001; its files name DATABASE_URL',
    "ok: uses no database (`database: 'none'`)",
  ]);
});

test('a test that goes to the development server fails, also where it only warns', () => {
  const test = { id: '1', title: 'goes', titlePath: ['goes'], file: 'a.spec.ts', project: '', retry: 0 };
  const origins = ['http://localhost:3000'];
  const visited = { type: 'development-visited', test, origins, url: 'http://localhost:24000', failed: false } as const;
  const of = { slot: 0, variant: 'default', worker: 0, at: 0, run: '1' };
  expect(findingsOfRun([{ ...visited, ...of }])).toEqual([
    {
      ...{ state: 'fail', about: 'goes', found: 'goes to http://localhost:3000, your development server' },
      todo: "use paths, or `baseURL`; or developmentOrigin: 'rewrite'",
    },
  ]);
});

test('a file that names the development server fails, and so does a server that is connected to it', () => {
  const origin = { where: 'vite.config.ts:3', what: 'names http://localhost:4000', todo: 'write a variable there' };
  const origins = [{ ...origin, isSure: true }];
  const to = ['http://localhost:4000'];
  const connected = {
    type: 'development-connected',
    slot: 1,
    variant: 'default',
    server: 'web',
    to,
    failed: true,
  } as const;
  const of = { at: 0, run: '1' };
  const events = [
    { type: 'origins-fixed', origins, failed: true, ...of } as const,
    { ...connected, test: undefined, ...of },
  ];
  expect(findingsOfRun(events)).toEqual([
    { state: 'fail', about: 'vite.config.ts:3', found: 'names http://localhost:4000', todo: 'write a variable there' },
    {
      ...{ state: 'fail', about: 'server "web"' },
      found: 'is connected to http://localhost:4000, your development server (slot 1)',
      todo: "let it read the address from a variable, and set that in its options: `env: { API_URL: '{url:api}' }`",
    },
  ]);
  // It is said once.
  expect(findingsOfServers([use(0, { elsewhere: ['127.0.0.1:4000'] })], events)).toHaveLength(2);
});

test('another database beside the slot’s fails', () => {
  const also = { type: 'also-connected', slot: 0, variant: 'default', server: 'web', to: ['localhost:5432'] } as const;
  expect(findingsOfRun([{ ...also, at: 0, run: '1' }])).toMatchObject([
    { state: 'fail', about: 'server "web"', found: 'also on localhost:5432 (slot 0)' },
  ]);
});

test('files that both slots write fail, others are said', () => {
  const first = ['.next/a', '.next/b', 'uploads/1'];
  const found = findingsOfFiles({ first, second: ['.next/a', '.next/b', 'uploads/2'], tests: ['report'] });
  expect(found.map(({ state, found: text }) => `${state}: ${text}`)).toEqual([
    'fail: both slots write .next (2 files)',
    'warn: written into the checkout: uploads (2 files)',
    'warn: written while the tests ran: report',
  ]);
  expect(findingsOfFiles({ first: [], second: [], tests: [] })).toMatchObject([{ state: 'ok' }]);
  // Frameworks append to their logs, and read none.
  expect(findingsOfFiles({ first: ['log/dev.log'], second: ['log/dev.log'], tests: [] })).toMatchObject([
    { state: 'warn', found: 'both slots write log/dev.log' },
  ]);
  // What `build` has written once is of no slot, unless the servers write it again.
  const built = ['.next/a', 'dist/1', 'dist/2'];
  expect(findingsOfFiles({ first: built.slice(1), second: [], tests: [], built })).toMatchObject([
    { state: 'ok', found: 'nothing is written into the checkout, but by `build`, once: .next/a, dist (2 files)' },
  ]);
  expect(findingsOfFiles({ first: built, second: ['.next/a'], tests: [], built })).toMatchObject([
    { state: 'fail', found: 'both slots write .next/a' },
  ]);
  expect(inShort(['a', 'b', 'c', 'd', 'e', 'f', 'g/1'])).toBe('a, b, c, d, e and 2 more');
});

test('files that `build` has written are known by their times, and our own report is left out', () => {
  const built = { type: 'built', ms: 100, at: 1_000, run: '1' } as const;
  const files = new Map([
    ['dist/main.js', '950.5 10'],
    ['uploads/1', '1200 5'],
    ['old', '100 1'],
  ]);
  expect(builtFiles([...files.keys(), 'removed'], files, [built])).toEqual(['dist/main.js']);
  expect(builtFiles([...files.keys()], files, [{ ...built, reused: true }])).toEqual([]);
  expect(builtFiles([...files.keys()], files, [])).toEqual([]);
  const report = { type: 'report-written', file: '/app/stacks-report/index.html', at: 1, run: '1' } as const;
  expect(withoutReport(['stacks-report/index.html', 'uploads/1'], '/app', [report])).toEqual(['uploads/1']);
});
