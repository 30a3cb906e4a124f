// Generations of a real server on a real Postgres: what they have written to the database, and when; what becomes of spares
// that cannot be; and that nothing of any is left.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { PROGRAMS, program, serverSpec } from '../../../fixtures/programs/programs.ts';
import { Events, type StacksEvent } from '../../events.ts';
import { Lifetime } from '../../lifetime.ts';
import { withClient } from '../../postgres/client/connection.ts';
import { byWayOf } from '../../postgres/client/connection-string.ts';
import type { EmbeddedServer } from '../../postgres/embedded/embedded-server.ts';
import { connectionsOf } from '../../process/connections.ts';
import { reservePort } from '../../process/ports.ts';
import { listProcesses, startOf } from '../../process/processes.ts';
import { compile } from '../../testing/compiled.ts';
import { newTestBed } from '../../testing/postgres.ts';
import { poll } from '../../wait.ts';
import type { RunContext } from '../run-context.ts';
import type { SpecsOf } from './generation.ts';
import { Generations } from './generations.ts';
import { RunRelay } from './run-relay.ts';

test.describe.configure({ mode: 'default' });

let bed: Awaited<ReturnType<typeof newTestBed>>;
let server: EmbeddedServer;
let relayProgram: string;
/** Of a slot; closed also when its test has failed. */
let lifetime: Lifetime;

test.beforeAll(async () => {
  bed = await newTestBed();
  server = await bed.start();
  relayProgram = join((await compile(bed.lifetime, ['relay/relay-main'])).folder, 'relay/relay-main.js');
  await query('CREATE TABLE public.note (generation int)');
});
test.afterAll(() => bed.lifetime.close());
test.beforeEach(() => {
  lifetime = new Lifetime();
});
test.afterEach(() => lifetime.close());

async function query<T extends object>(sql: string, values: unknown[] = []): Promise<T[]> {
  return withClient(server.connect({ purpose: 'test' }), async (client) => (await client.query<T>(sql, values)).rows);
}

/** A slot whose server has spares. Its environment is `envOf` the generation. */
async function slot(
  envOf: (number: number) => Record<string, string> = () => ({}),
  spares: number | 'as measured' = 1,
) {
  const { port } = await reservePort();
  const reported: StacksEvent[] = [];
  const events = new Events();
  events.on((event) => void reported.push(event));
  const leaders: number[] = [];
  const starts = new Map<number, string | undefined>();
  const noteGroup = (pid: number) => {
    leaders.push(pid);
    starts.set(pid, startOf(pid));
    return () => {};
  };
  const journal = { noteGroup } as unknown as RunContext['journal'];
  const relay = new RunRelay({ postgres: server, journal, events, stacks: 1, lifetime, program: relayProgram });
  const signal = new AbortController().signal;
  const resolved = { name: 'web', command: 'x', restart: 'test', copy: [], readyBy: 'port' };
  const url = server.urlFor('postgres', 'superuser');
  const plan = {
    variant: { servers: [{ ...resolved, spares: spares === 'as measured' ? undefined : spares }], databases: [] },
    info: { slot: 0, variant: 'default', key: 'stk_x_0', databases: [{ name: 'main', database: 'postgres', url }] },
    ports: { web: port },
  } as unknown as Parameters<typeof Generations.of>[0];
  const context = { postgres: server, relay, signal, journal } as unknown as RunContext;
  const generations = Generations.of(plan, context);
  if (!generations) throw new Error('no spares');
  lifetime.defer('end the servers', () => generations.close(), { timeout: 30_000 });
  const specsOf: SpecsOf = (number, gate, { web = 0 }) => [
    serverSpec({
      command: program('writes-on'),
      cwd: PROGRAMS,
      port: web,
      logFile: join(bed.folder, 'web.log'),
      gracefulShutdown: { signal: 'SIGTERM', timeout: 600 },
      env: {
        PORT: String(web),
        DATABASE_URL: byWayOf(url, gate) ?? '',
        GENERATION: String(number),
        ...envOf(number),
      },
    }),
  ];
  const ask = async (): Promise<number> => Number(await (await fetch(`http://localhost:${port}`)).text());
  const next = async () => {
    if (!(await generations.canServe())) throw new Error('the relay is gone');
    return generations.next(specsOf);
  };
  // The number of a group that has ended may be a stranger's: a thousand boundaries use up more than there are.
  const isOurs = (group: number) => starts.has(group) && [undefined, starts.get(group)].includes(startOf(group));
  const running = () => listProcesses().filter(({ group }) => isOurs(group));
  const close = async () => {
    await lifetime.close();
    expect(running()).toEqual([]);
  };
  /** With another server beside it. */
  const others = (server: object) => {
    const servers = [...plan.variant.servers, { ...resolved, name: 'api', ...server }];
    return Generations.of({ ...plan, variant: { ...plan.variant, servers } } as unknown as typeof plan, context);
  };
  return { others, generations, next, close, ask, port, relay, reported, leaders, running };
}

const rows = async () =>
  (await query<{ generation: number }>('SELECT DISTINCT generation FROM public.note')).map((row) => row.generation);

/** How often a server that writes on is replaced: each does it in another way. */
for (const [boundaries, tag] of [
  [8, []],
  [1_000, ['@matrix']],
] as const) {
  test(`at none of ${boundaries} boundaries a server, its child, or a transaction of it writes once its successor begins`, {
    tag: [...tag],
  }, async () => {
    test.setTimeout(60_000 + boundaries * 2_000);
    const ways = [{}, { IGNORES: '1' }, { FORKS: '1' }, { IGNORES: '1', FORKS: '1' }];
    const { generations, next, close, ask } = await slot((number) => ways[number % ways.length] ?? {}, 2);
    await next();
    generations.lease();
    for (let n = 0; n < boundaries; n += 1) {
      const own = generations.number ?? 0;
      expect(await ask()).toBe(own);
      const wrote = async () => ((await rows()).includes(own) ? true : undefined);
      expect(await poll(wrote, { timeout: 10_000, interval: 5 })).toBe(true);
      expect((await rows()).filter((generation) => generation !== own)).toEqual([]);
      await generations.retire(async () => {});
      await query('DELETE FROM public.note'); // what a rewind does
      const others = await query(
        "SELECT application_name FROM pg_catalog.pg_stat_activity WHERE application_name LIKE 'generation%'",
      );
      expect(others).toEqual([]);
      await next();
    }
    await close();
    expect(await rows()).toHaveLength(1);
    await query('DELETE FROM public.note');
  });
}

test('a spare boots while its predecessor serves, up to its first connection; it is told apart by its number', async () => {
  const { generations, next, close, ask, leaders, port, running } = await slot();
  await next();
  expect(leaders).toHaveLength(2); // the relay, and the server
  generations.lease();
  await expect.poll(() => leaders.length).toBe(3);
  const [first, spare] = leaders.slice(1);
  expect(await ask()).toBe(1);
  expect((await rows()).filter((generation) => generation > 1)).toEqual([]);
  await generations.retire(async () => {});
  const waits = ask(); // for the next one
  const [started] = (await next()) ?? [];
  expect(started?.server.pid).toBe(spare);
  expect([await waits, await ask(), generations.key]).toEqual([2, 2, 'stk_x_0_g2']);
  await expect.poll(() => running().some(({ group }) => group === first)).toBe(false);
  await close();
  await expect(fetch(`http://localhost:${port}`)).rejects.toThrow();
});

test('without a number one boots ahead at first; none where servers are new at different times, which is not reported', async () => {
  const { next, generations, close, leaders, reported, others } = await slot(() => ({}), 'as measured');
  await next();
  generations.lease();
  await expect.poll(() => leaders.length).toBe(3); // the relay, the server, and one spare
  expect(others({ restart: 'file' })).toBeUndefined();
  expect(others({ wait: { stdout: /port (?<port>\d+)/ } })).toBeUndefined();
  expect(reported).toEqual([]);
  await close();
});

test('a server that cannot be started beside its predecessor goes on without spares, which is reported once', async () => {
  const lock = join(bed.folder, 'lock');
  const { generations, next, close, ask, reported, leaders } = await slot(() => ({ LOCK: lock }), 2);
  await next();
  generations.lease();
  await expect
    .poll(() => reported, { timeout: 30_000 })
    .toEqual([expect.objectContaining({ type: 'no-spares', servers: ['web'] })]);
  expect(JSON.stringify(reported)).toContain(`\\"web\\" ended with code 1\\n  | another server holds ${lock}`);
  const tried = leaders.length;
  for (let n = 1; n <= 2; n += 1) {
    await generations.retire(async () => {});
    expect(existsSync(lock)).toBe(false); // it has ended
    await next();
    expect(await ask()).toBe(generations.number);
    expect(leaders).toHaveLength(tried + n);
  }
  await close();
  expect(reported).toHaveLength(1);
});

test('a spare that ends once it may write is told, so that what it wrote is undone before the next one starts', async () => {
  const { generations, next, close, ask, leaders, reported } = await slot((number) =>
    number === 2 ? { ENDS: '1' } : {},
  );
  await next();
  generations.lease();
  await expect.poll(() => leaders).toHaveLength(3); // the relay, the server, and the spare
  await generations.retire(async () => {});
  await query('DELETE FROM public.note');
  expect(await next()).toBeUndefined();
  expect(await rows()).toEqual([2]);
  await next();
  expect(await ask()).toBe(generations.number);
  expect(reported).toEqual([]);
  await close();
  await query('DELETE FROM public.note');
});

test('a spare that waits for its database can end its pool when nobody wants it', async () => {
  const ended = join(bed.folder, 'polite');
  const { generations, next, close, leaders, running } = await slot(() => ({ POLITE: ended }));
  await next();
  generations.lease();
  const ofSpare = () => running().filter(({ group }) => group === leaders[2]);
  await expect.poll(() => connectionsOf(ofSpare())).toHaveLength(1);
  await generations.endSpares();
  expect([existsSync(ended), ofSpare()]).toEqual([true, []]);
  await close();
});

test('where the relay is gone the servers end, and are to be started without it', async () => {
  const { generations, next, close, relay, reported } = await slot();
  const [started] = (await next()) ?? [];
  generations.lease();
  process.kill((await relay.get()).pid, 'SIGKILL');
  expect(await started?.server.exited).toMatchObject({ how: 'crashed', signal: 'SIGKILL' });
  expect(await generations.canServe()).toBe(false);
  expect(JSON.stringify(reported)).toContain('the process between the servers and Postgres ended with SIGKILL');
  await close();
});
