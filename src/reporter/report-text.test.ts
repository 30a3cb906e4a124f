// The lines that people read, one for each kind of event.
import { expect, test } from '@playwright/test';
import { eventLine } from './report-text.ts';

const title = 'adds a column';
const adds = { id: '1', title, titlePath: ['tables', title], file: 'a.spec.ts', project: '', retry: 0 };
const of = { slot: 0, variant: 'default', worker: 0, test: adds };

test('the cost of what cannot be rewound is listed by its parts', () => {
  const event = {
    ...of,
    type: 'rewind-impossible',
    scope: 'test',
    reason: 'ddl',
    what: 'ALTER TABLE',
  } as const;
  const line = "'adds a column' cannot be rewound (ddl: ALTER TABLE): the stack was opened anew in 8203 ms";
  expect(eventLine({ ...event, ms: 8203 })).toBe(line);
  const opened = { clone: 67, worktree: 0, prepare: 0, servers: { web: 7655 }, total: 7722 };
  expect(eventLine({ ...event, ms: 8203, opened })).toBe(`${line} (clone 67, web 7655)`);
});

test('what a rewind undoes is named after its test, the tests of a group, or an earlier worker', () => {
  const event = { ...of, type: 'rewind-impossible', reason: 'ddl', what: 'x', hint: 'a remedy', ms: 1 } as const;
  const rest = 'cannot be rewound (ddl: x): the stack was opened anew in 1 ms; a remedy';
  expect(eventLine({ ...event, scope: 'group' })).toBe(`the tests up to 'adds a column' ${rest}`);
  expect(eventLine({ ...event, scope: 'group', test: undefined })).toBe(`an earlier worker ${rest}`);
});

test('what runs beside a server, and its inspector, have a line where there is something to know', () => {
  const about = { slot: 1, variant: 'admin', server: 'web' };
  expect(eventLine({ type: 'inspector', ...about, address: '127.0.0.1:9' })).toBe(
    'inspector of server "web" of slot 1 (admin): 127.0.0.1:9',
  );
  expect(eventLine({ type: 'inspector', ...about, why: 'process 7 is no Node process (python3)' })).toBe(
    'no inspector of server "web" of slot 1 (admin): process 7 is no Node process (python3)',
  );
  expect(eventLine({ type: 'no-spares', slot: 1, variant: 'admin', servers: ['web', 'api'], why: 'It ended.' })).toBe(
    'server "web" or server "api" has no spares: tests wait until it is started again. It ended.',
  );
  expect(eventLine({ type: 'beside-failed', ...about, why: 'it ended with exit code 1' })).toBe(
    'the `beside` of server "web" failed in slot 1; the tests go on: it ended with exit code 1',
  );
  expect(eventLine({ type: 'beside-left-out', ...about, stacks: 2 })).toBe(
    'the `beside` of server "web" is left out: with `once` it is for runs of one stack, and this one may have 2',
  );
  expect(eventLine({ type: 'beside-ended', ...about, files: [] })).toBeUndefined();
});

test('a server that ended has a line only where no test fails for it', () => {
  const event = { ...of, type: 'server-exited', server: 'web', pid: 1, message: 'it ended' } as const;
  expect(eventLine({ ...event, when: 'during' })).toBeUndefined();
  expect(eventLine({ ...event, when: 'after' })).toBe("after 'adds a column': it ended");
  expect(eventLine({ ...event, when: 'after', test: undefined })).toBe('it ended');
});

test('a visit to the development server has a line only where no test fails for it', () => {
  const origins = ['http://localhost:3000'];
  const event = { ...of, type: 'development-visited', origins, url: 'http://localhost:24000' } as const;
  expect(eventLine({ ...event, failed: false })).toBe(
    "'adds a column' went to http://localhost:3000, the development server; slot 0’s is http://localhost:24000",
  );
  expect(eventLine({ ...event, failed: true })).toBeUndefined();
});

test('a development server that files name, or a server is connected to, has a line where nothing fails for it', () => {
  const origin = { where: 'vite.config.ts:3', what: 'names http://localhost:4000', todo: 'write a variable there' };
  const origins = [{ ...origin, isSure: true }];
  expect(eventLine({ type: 'origins-fixed', origins, failed: false })).toBe(
    'vite.config.ts:3 names http://localhost:4000; write a variable there',
  );
  expect(eventLine({ type: 'origins-fixed', origins, failed: true })).toBeUndefined();
  const event = { ...of, type: 'development-connected', server: 'web', to: ['http://localhost:4000'] } as const;
  const line = 'server "web" of slot 0 was connected to http://localhost:4000, the development server';
  expect(eventLine({ ...event, failed: false })).toBe(`${line} during 'adds a column'`);
  expect(eventLine({ ...event, failed: true })).toBeUndefined();
  expect(eventLine({ ...event, failed: true, test: undefined })).toBe(line);
});

test('a server that migrates and builds in every slot has a line with the options in which that is done once', () => {
  const step = (name: 'migrate' | 'seed' | 'build', command: string) => ({ step: name, command });
  const steps = [
    step('migrate', 'npm run db:migrate'),
    step('seed', 'npm run db:seed'),
    step('build', 'npm run build'),
  ];
  expect(eventLine({ type: 'server-steps', server: 'web', steps, serves: 'npm start' })).toBe(
    'server "web" migrates and seeds and builds in every slot before it serves. Once for all: ' +
      "database: { migrate: 'npm run db:migrate', seed: 'npm run db:seed' }, build: 'npm run build', server: { command: 'npm start' }",
  );
  expect(eventLine({ type: 'server-steps', server: 'web', steps: steps.slice(2), serves: 'node dist' })).toBe(
    "server \"web\" builds in every slot before it serves. Once for all: build: 'npm run build', server: { command: 'node dist' }",
  );
});

test('`next start` in a shared folder has a line for what it shares, and one for what nothing builds', () => {
  const event = { type: 'build-shared', server: 'web', isShared: true, isUnbuilt: true } as const;
  const [shared, unbuilt] = eventLine(event)?.split('\n') ?? [];
  expect(shared).toBe(
    "server \"web\" runs `next start` for all slots in one folder: pages that are rendered anew and cached data are written into .next, and one slot shows another's. Give each its own: copy: ['.next'], env: { NEXT_DIST_DIR: '{copy:.next}' }, with `distDir: process.env.NEXT_DIST_DIR` in next.config",
  );
  expect(unbuilt).toBe(
    'server "web" runs `next start`, and nothing builds it for this run: static pages have the rows of the database that it was built with. Use build: \'next build\'',
  );
});

test('an application that writes late, and one that is never quiet, are told what to set', () => {
  const about = { slot: 0, variant: 'default', servers: ['web', 'api'], quiet: 130 };
  expect(eventLine({ type: 'writes-late', ...about, silence: 80 })).toBe(
    'server "web" or server "api" writes up to 80 ms after its last statement: rewinds wait until it was quiet for 130 ms. `server.idle: { quiet: 130 }` waits from the first test on; `server.restart: \'test\'` waits for nothing, and starts it again after every test, with `spares` ahead',
  );
  expect(eventLine({ type: 'never-quiet', ...about, servers: [], most: 250 })).toBe(
    "the application was not quiet for 130 ms within 250 ms, after three tests in a row: no more than 3 ms are waited for from now on, and what it writes later may reach the next test. `server.idle: { when }` can ask it, `server.restart: 'test'` ends it",
  );
});

test('what cannot be proved is said to be so', () => {
  expect(eventLine({ type: 'statements-not-logged', why: 'the log of an existing server cannot be read' })).toBe(
    'the statements of tests cannot be shown: the log of an existing server cannot be read; leave `sql` out, or let the run start its own Postgres',
  );
  expect(eventLine({ type: 'statements-not-counted', why: 'there is no extension pg_stat_statements' })).toBe(
    "the statements of tests are not counted: there is no extension pg_stat_statements; `sql: 'off'` asks for no counts",
  );
  expect(eventLine({ type: 'not-provable', variant: 'default' })).toMatch(
    /^not provable whether the servers were on their slot’s database: /,
  );
});

test('a template that was built says why, where that is known', () => {
  const event = {
    type: 'template-ready',
    database: 'x',
    built: true,
    reusable: true,
    migrate: 3,
    seed: 4,
    ms: 9,
  } as const;
  expect(eventLine(event)).toBe('template built: 9 ms (migrate 3, seed 4)');
  expect(eventLine({ ...event, why: 'changed: a\n.sql' })).toBe(
    'template built (changed: a\\n.sql): 9 ms (migrate 3, seed 4)',
  );
  expect(eventLine({ ...event, meanwhile: 'new: db/schema.sql' })).toBe(
    'template built: 9 ms (migrate 3, seed 4); its inputs changed meanwhile (new: db/schema.sql), so the next run builds it again: leave what its steps write out of `database.inputs`, with a `!` before its name',
  );
});

test('a group that waits for a slot of the machine says who has them, once', () => {
  const by = [
    { run: '1f0c7a', root: '/home/me/shop', slots: 4 },
    { run: '9b21de', root: '/home/me/blog', slots: 2 },
  ];
  const event = { type: 'machine-waits', slot: 3, variant: 'default', worker: 3, slots: 6, by } as const;
  expect(eventLine({ ...event, again: false })).toBe(
    'slot 3 is waiting: all 6 slots of this machine are in use, by run 1f0c7a in /home/me/shop (4), run 9b21de in /home/me/blog (2) (`machine`)',
  );
  expect(eventLine({ ...event, again: true })).toBeUndefined();
  expect(eventLine({ ...event, again: false, slots: 1, by: [...by, ...by, ...by, ...by] })).toMatch(
    /^slot 3 is waiting: the only slot of this machine is in use, by (?:run \w+ in \S+ \(\d\), ){5}and 3 more runs \(`machine`\)$/,
  );
});
