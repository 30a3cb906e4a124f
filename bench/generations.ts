// `npm run bench -- generations`: what a test takes whose server is new, without spares and with some, beside one whose server
// goes on. One run after the other, without Playwright: a test waits for 300 ms and writes a row, over its slot's URL.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import type { ServerOptions } from '../src/config/options.ts';
import { parseOptions } from '../src/config/parse.ts';
import { resolveOptions } from '../src/config/resolve.ts';
import { Events } from '../src/events.ts';
import { Lease } from '../src/lease/client.ts';
import { readRunFile } from '../src/lease/run-file.ts';
import { Run } from '../src/run/run.ts';
import { StateStore } from '../src/state/state-store.ts';
import { BetweenTests, type Step } from '../src/worker/between-tests.ts';
import { ServerState } from '../src/worker/server-state.ts';
import { Session } from '../src/worker/session.ts';
import { type Answer, answer } from './answer.ts';

const TESTS = 20;
const TEST_MS = 300;
const REQUESTS = 400;
const PROGRAMS = fileURLToPath(new URL('../../../fixtures/programs', import.meta.url));

type Way = Pick<ServerOptions, 'restart' | 'spares'>;
const NEVER: Way = { restart: 'never' };
const WAYS: Readonly<Record<string, Way>> = {
  'no spares': { restart: 'test', spares: 0 },
  '1 spare': { restart: 'test', spares: 1 },
  '3 spares': { restart: 'test', spares: 3 },
  'spares as measured': { restart: 'test' },
};

interface Measured {
  /** Milliseconds of a test, with what is between two. */
  readonly test: number;
  /** Microseconds of a request that is answered from memory, and of one that writes a row. */
  readonly request: number;
  readonly query: number;
}

export async function benchGenerations(tell: (answer: Answer) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'stk-bench-'));
  writeFileSync(join(folder, 'inputs'), '');
  try {
    await measure(folder, {}, NEVER); // builds the template
    for (const [boot, env] of [
      ['0.15 s of waiting', { BOOT: '150' }],
      ['0.15 s of CPU', { BOOT: '150', BUSY: '1' }],
      ['1 s of waiting', { BOOT: '1000' }],
      ['1 s of CPU', { BOOT: '1000', BUSY: '1' }],
    ] as const) {
      const never = await measure(folder, env, NEVER);
      for (const [way, options] of Object.entries(WAYS)) {
        const own = await measure(folder, env, options);
        tell(answer(`boot of ${boot}, ${way}: a test`, own.test, 'a server that goes on', never.test, undefined));
        if (way !== '1 spare') continue;
        tell(answer('  a request by the slot’s port', own.request, 'direct', never.request, undefined, 'µs'));
        tell(answer('  a request that writes, through the gate', own.query, 'direct', never.query, undefined, 'µs'));
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function migrate({ url }: { url: string }): Promise<void> {
  const client = new pg.Client(url);
  await client.connect();
  await client.query('CREATE TABLE note (id int)');
  await client.end();
}

async function measure(folder: string, env: Record<string, string>, way: Way): Promise<Measured> {
  const server: ServerOptions = { command: 'node boots-slowly.mjs', cwd: PROGRAMS, url: '/', env, ...way };
  const options = { database: { migrate, inputs: ['inputs'] }, server };
  const asked = [{ path: '', name: 'default' }];
  const config = resolveOptions(parseOptions(options, undefined, asked), join(folder, 'config'));
  const events = new Events();
  const state = new StateStore(events);
  const run = new Run({
    config,
    workers: 1,
    logs: folder,
    idleTimeout: undefined,
    awaits: 'servers',
    ahead: 1,
    events,
    state,
  });
  try {
    await run.ready;
    const file = readRunFile();
    if (!file) throw new Error('there is no run');
    const claim = { slot: 0, variant: 'default', worker: 0, project: 'bench' };
    const { lease, response } = await Lease.take(file, claim);
    if (response.type !== 'ready') throw new Error(`the stack is ${response.type}`);
    const session = await Session.begin(lease, response, new ServerState([server], response.stack));
    return await play(session, response.stack.url ?? '');
  } finally {
    await run.close();
  }
}

async function play(session: Session, url: string): Promise<Measured> {
  const between = new BetweenTests(session);
  const request = async (path: string): Promise<void> => {
    await (await fetch(url + path)).text();
  };
  const mean = async (path: string): Promise<number> => {
    const began = performance.now();
    for (let n = 0; n < REQUESTS; n += 1) await request(path);
    return ((performance.now() - began) / REQUESTS) * 1_000;
  };
  const inTest = async (n: number, work: () => Promise<unknown>): Promise<unknown> => {
    const test = { id: `${n}`, title: `${n}`, titlePath: [`${n}`], file: 'a.spec.ts', project: 'bench', retry: 0 };
    const step: Step = { kind: 'test', test, isolation: 'test', group: 1, serial: undefined };
    await between.begin(step);
    const done = await work();
    await between.end(step, 'passed');
    return done;
  };
  let costs = { request: 0, query: 0 };
  // The first one is not counted: it begins with the server of the opening.
  await inTest(0, async () => {
    await mean('/');
    costs = { request: await mean('/'), query: await mean('/query') };
  });
  const began = performance.now();
  for (let n = 1; n <= TESTS; n += 1) {
    await inTest(n, async () => {
      await request('/query');
      await delay(TEST_MS);
    });
  }
  await session.servers.look(); // of a server that does not become ready it is too late to hear otherwise
  return { test: (performance.now() - began) / TESTS, ...costs };
}
