// When servers that are to be new end and start: once between two tests, wherever these are, and on databases that hold
// nothing of what the old ones did.
import { expect, test } from '@playwright/test';
import type { Step } from './between-tests.ts';
import { TestPool } from './testing/pool.ts';

const SCHEMA = 'CREATE TABLE note (id int)';

let pool: TestPool;

test.beforeAll(async () => {
  pool = await TestPool.start('18', SCHEMA, 'postgres');
});

test.afterAll(() => pool.close());

/** Tests and hooks by group, on servers that write as long as they run. Returns what became of the servers, and when. */
async function play(restart: 'test' | 'file', steps: readonly Partial<Step>[]): Promise<string[]> {
  await pool.openAgain();
  pool.servers = [{ command: 'node app.mjs', restart }];
  const { between } = await pool.lease('a');
  const log: string[] = [];
  const rows = async (): Promise<number> => (await pool.app.query('TABLE note')).rowCount ?? 0;
  pool.onServers = async (what) => {
    if (what === 'start') expect(await rows()).toBe(hooks);
    else await pool.app.query('INSERT INTO note VALUES (3)');
    log.push(what);
  };
  let hooks = 0;
  let group: number | undefined;
  for (const [index, rest] of steps.entries()) {
    const title = `${index}`;
    const test = { id: title, title, titlePath: [title], file: 'a.spec.ts', project: 'a', retry: 0 };
    const step: Step = { kind: 'test', test, isolation: 'test', group: 1, serial: undefined, ...rest };
    if (step.group !== group) hooks = 0;
    group = step.group;
    await between.begin(step);
    log.push(step.kind);
    await pool.app.query('INSERT INTO note VALUES (1)');
    if (step.kind === 'hook') hooks += 1;
    await between.end(step, 'passed');
    await pool.app.query('INSERT INTO note VALUES (2)');
    if (step.kind === 'hook') hooks += 1;
  }
  return log;
}

const HOOK = { kind: 'hook' } as const;
const NEXT = { group: 2 } as const;

test("with 'test' a server is started once between two tests, also where a file ends, and not after the last one", async () => {
  expect(await play('test', [HOOK, {}, {}, NEXT, NEXT])).toEqual([
    'hook',
    'test',
    'end web',
    'start',
    'test',
    'end web',
    'start',
    'test',
    'end web',
    'start',
    'test',
  ]);
});

test('a hook at a file’s end, or its beginning, gets the new server; so do tests of one group after a serial one', async () => {
  expect(await play('test', [{}, HOOK, { ...HOOK, ...NEXT }, NEXT])).toEqual([
    'test',
    'end web',
    'start',
    'hook',
    'end web',
    'start',
    'hook',
    'test',
  ]);
  const serial = {};
  expect(await play('test', [{ serial }, { serial }, {}])).toEqual(['test', 'test', 'end web', 'start', 'test']);
});

test("with 'file' a server is started where a group begins", async () => {
  expect(await play('file', [{}, {}, NEXT, NEXT])).toEqual(['test', 'test', 'end web', 'start', 'test', 'test']);
});

test('on a fresh clone the servers are new: they are not started again', async () => {
  await pool.openAgain();
  pool.servers = [{ command: 'node app.mjs', restart: 'test' }];
  const log: string[] = [];
  pool.onServers = (what) => log.push(what);
  const { between } = await pool.lease('a');
  const test = { id: '1', title: '1', titlePath: ['1'], file: 'a.spec.ts', project: 'a', retry: 0 };
  const step: Step = { kind: 'test', test, isolation: 'test', group: 1, serial: undefined };
  await between.begin(step);
  await pool.app.query('ALTER TABLE note ADD more int');
  await between.end(step, 'passed');
  await between.begin(step);
  expect(log).toEqual([]);
});
