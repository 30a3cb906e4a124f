// Locks across processes: on this machine, and on a Postgres server where machines meet.
import { chmodSync, chownSync, existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import pg from 'pg';
import type { StacksError } from '../errors.ts';
import { becomeOnly } from '../machine/only-one.ts';
import { newTestBed } from '../testing/postgres.ts';
import { lockSocket } from './lock-folder.ts';
import { Locks } from './locks.ts';
import { lockWorkers, type StartWorker, servicePid, type Worker } from './testing/workers.ts';

for (const where of ['this machine', 'an existing server'] as const) {
  // The queue, the deadlock and what is freed are Postgres' there; the rest is the same code.
  const tag = where === 'this machine' ? [] : '@matrix';
  test.describe(`on ${where}`, () => {
    test.describe.configure({ mode: 'default' });
    let bed: Awaited<ReturnType<typeof newTestBed>>;
    let start: StartWorker;
    const started: Worker[] = [];

    test.beforeAll(async () => {
      bed = await newTestBed();
      const server = where === 'this machine' ? undefined : (await bed.start()).urlFor('postgres');
      const startOne = await lockWorkers(bed.lifetime, server);
      start = async (folder) => {
        const worker = await startOne(folder);
        started.push(worker);
        return worker;
      };
    });
    test.afterEach(() => Promise.all(started.splice(0).map((worker) => worker.kill('SIGKILL'))));
    test.afterAll(() => bed.lifetime.close());

    test('eight tests in four processes get a lock in the order in which they asked', async () => {
      const folder = join(bed.folder, 'order');
      const workers = [await start(folder), await start(folder), await start(folder), await start(folder)];
      const of = (index: number) => workers[index % 4] as Worker;
      const order: number[] = [];
      expect(await of(0).take('holder', 'file')).toBe('held');
      const all: Promise<unknown>[] = [];
      for (let index = 0; index < 8; index++) {
        const task = of(index).take(`task ${index}`, 'file');
        all.push(
          task.then(async (answer) => {
            expect(answer).toBe('held');
            order.push(index);
            await of(index).end(`task ${index}`);
          }),
        );
        await untilAsked(of(index + 1), 'file', `task ${index}`);
      }
      await of(0).end('holder');
      await Promise.all(all);
      expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    });

    test('readers share; a writer waits for them, and readers who come later wait for the writer', async () => {
      const folder = join(bed.folder, 'readers');
      const [one, two] = [await start(folder), await start(folder)];
      expect(await one.take('reader 1', 'x', { mode: 'read' })).toBe('held');
      expect(await two.take('reader 2', 'x', { mode: 'read' })).toBe('held');
      const writer = one.take('writer', 'x');
      await untilAsked(two, 'x', 'writer');
      const late = two.take('reader 3', 'x', { mode: 'read', timeout: 100 });
      expect(await late).toContain("LOCK_TIMEOUT: waited 100 ms for lock 'x' (read).");
      await one.end('reader 1');
      await two.release('reader 2', 'x');
      expect(await writer).toBe('held');
    });

    test('a test that asks twice has it at once, and keeps it until the second release', { tag }, async () => {
      const folder = join(bed.folder, 'twice');
      const [one, two] = [await start(folder), await start(folder)];
      expect(await one.take('a', 'x')).toBe('held');
      expect(await one.take('a', 'x')).toBe('held');
      await one.release('a', 'x');
      expect(await two.take('b', 'x', { timeout: 100 })).toContain('LOCK_TIMEOUT');
      await one.end('a');
      expect(await two.take('b', 'x')).toBe('held');
    });

    test('what a killed process held is free', async () => {
      const folder = join(bed.folder, 'killed');
      const [one, two] = [await start(folder), await start(folder)];
      expect(await one.take('a', 'x')).toBe('held');
      expect(await two.take('c', 'y')).toBe('held');
      // The longest wait, which costs what others of its process hold no less.
      const waiting = two.take('b', 'x', { timeout: 2 ** 31 - 1 });
      await untilAsked(two, 'x', '"b"');
      await one.kill('SIGKILL');
      expect(await waiting).toBe('held');
      expect(await two.end('c')).toBe('ended');
    });

    test('a test that ends while it waits gets nothing, and leaves nothing that it held', { tag }, async () => {
      const folder = join(bed.folder, 'unwanted');
      const [one, two] = [await start(folder), await start(folder)];
      await one.take('a', 'x');
      await two.take('b', 'y');
      const waiting = two.take('b', 'x');
      await untilAsked(one, 'x', '"b"');
      expect(await two.end('b')).toBe('ended');
      expect(await waiting).toContain(`LOCK_TIMEOUT: "b" ended while it waited for lock 'x' (read-write).`);
      expect(await one.take('c', 'y', { timeout: 5_000 })).toBe('held');
      await one.end('a');
      expect(await one.take('d', 'x', { timeout: 5_000 })).toBe('held');
    });

    test('two tests that lock in opposite order: one is told so, and the other goes on', async () => {
      const folder = join(bed.folder, 'opposite');
      const [one, two] = [await start(folder), await start(folder)];
      await one.take('test one', 'x');
      await two.take('test two', 'y');
      const first = one.take('test one', 'y');
      await untilAsked(two, 'y', 'test one');
      const second = await two.take('test two', 'x');
      expect(second).toMatch(
        /^LOCK_DEADLOCK: lock 'x' \(read-write\) would never be free: tests wait for each other in a circle\.\n/,
      );
      expect(second).toContain(`"test two" waits for lock 'x', which "test one" (read-write, since `);
      expect(second).toContain(`"test one" waits for lock 'y', which "test two" (read-write, since `);
      await two.end('test two');
      expect(await first).toBe('held');
    });

    test('a wait that takes too long says who holds the lock, since when, in which test of which run', {
      tag,
    }, async () => {
      const folder = join(bed.folder, 'late');
      const [one, two] = [await start(folder), await start(folder)];
      await one.take('pays.spec.ts › pays */ $1', 'x');
      expect(await two.take('b', 'x', { timeout: 50 })).toMatch(
        /^LOCK_TIMEOUT: waited 50 ms for lock 'x' \(read-write\)\.\n {2}held by "pays\.spec\.ts › pays \*\/ \$1" \(read-write, since \d\d:\d\d:\d\d, \d+ s; run 0123456789 in \/project, pid \d+\)/,
      );
    });
  });
}

test('on an existing server locks hold across machines: for processes that share no lock service', async () => {
  const bed = await newTestBed();
  await using _ = bed.lifetime;
  const server = (await bed.start()).urlFor('postgres');
  const start = await lockWorkers(bed.lifetime, server);
  const [here, there] = [await start(join(bed.folder, 'here')), await start(join(bed.folder, 'there'))];
  expect(await here.take('test here', 'x')).toBe('held');
  expect(await there.take('late', 'x', { timeout: 50 })).toMatch(
    /^LOCK_TIMEOUT: .*\n {2}held by "test here" \(read-write, since .* run 0123456789 in \/project, pid \d+\)/,
  );
  expect(await there.take('test there', 'y')).toBe('held');
  const first = here.take('test here', 'y');
  await untilAsked(there, 'y', 'test here');
  const second = there.take('test there', 'x');
  // Where Postgres looks before us it may be the first that is refused.
  const refused = await Promise.race([first, second]);
  expect(refused).toMatch(/^LOCK_DEADLOCK: /);
  expect(refused).toContain(`"test here" waits for lock 'y', which "test there" (read-write, since `);
  expect(refused).toContain(`"test there" waits for lock 'x', which "test here" (read-write, since `);
  const isFirst = (await Promise.race([first, undefined])) !== undefined;
  await (isFirst ? here : there).kill('SIGKILL');
  expect(await (isFirst ? second : first)).toBe('held');
});

test('where Postgres sees a circle before us, both tests and both locks are named as well', async () => {
  const bed = await newTestBed();
  await using _ = bed.lifetime;
  const url = (await bed.start()).urlFor('postgres', 'superuser');
  const admin = new pg.Client(url);
  await admin.connect();
  await admin.query(`ALTER ROLE CURRENT_USER SET deadlock_timeout = '1ms'`);
  await admin.end();
  const start = await lockWorkers(bed.lifetime, url);
  const folder = join(bed.folder, 'locks');
  const [one, two] = [await start(folder), await start(folder)];
  await one.take('test one', 'x');
  await two.take('test two', 'y', { mode: 'read' });
  const first = one.take('test one', 'y');
  await untilAsked(two, 'y', 'test one');
  const second = await two.take('test two', 'x');
  expect(second).toMatch(/^LOCK_DEADLOCK: lock 'x' \(read-write\) would never be free/);
  expect(second).toContain(`"test two" waits for lock 'x', which "test one" (read-write, since `);
  expect(second).toContain(`"test one" waits for lock 'y', which "test two" (read, since `);
  await two.end('test two');
  expect(await first).toBe('held');
});

test('the service ends with its last connection and leaves no folder', async () => {
  const bed = await newTestBed();
  await using _ = bed.lifetime;
  const folder = join(bed.folder, 'locks');
  const start = await lockWorkers(bed.lifetime, undefined);
  const workers = await Promise.all([start(folder), start(folder), start(folder)]);
  // All at once: of three services that are started, one stays.
  expect(await Promise.all(workers.map((each, index) => each.take('a', String(index))))).toEqual([
    'held',
    'held',
    'held',
  ]);
  expect(existsSync(folder)).toBe(true);
  await Promise.all(workers.map((each) => each.kill('SIGKILL')));
  // One that came late, on a busy machine, waits ten seconds for somebody.
  await expect.poll(() => existsSync(folder), { timeout: 20_000 }).toBe(false);
});

test('a service whose last connections waited ends with them, and the next one begins', {
  tag: '@matrix',
}, async () => {
  const bed = await newTestBed();
  await using _ = bed.lifetime;
  const folder = join(bed.folder, 'locks');
  const start = await lockWorkers(bed.lifetime, undefined);
  const [one, two] = [await start(folder), await start(folder)];
  await one.take('a', 'x');
  void two.take('b', 'x');
  await untilAsked(one, 'x', '"b"');
  const pid = servicePid(folder);
  await Promise.all([two.kill('SIGKILL'), one.kill('SIGKILL')]);
  await expect.poll(() => existsSync(`/proc/${pid}`)).toBe(false);
  expect(await (await start(folder)).take('c', 'x')).toBe('held');
});

test('a session on the server that ends: who holds a lock with it is told, and can go on', {
  tag: '@matrix',
}, async () => {
  const bed = await newTestBed();
  await using _ = bed.lifetime;
  const server = await bed.start();
  const folder = join(bed.folder, 'locks');
  const one = await (await lockWorkers(bed.lifetime, server.urlFor('postgres')))(folder);
  const admin = await server.connect({ purpose: 'ends sessions' });
  bed.lifetime.defer('end the session', () => admin.end());
  const endSessions = () => admin.query(`SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'`);
  const lost = "LOCK_LOST: lock 'x' was lost while it was held";
  await one.take('a', 'x');
  await endSessions();
  expect(await one.release('a', 'x')).toContain(lost);
  expect(await one.take('a', 'x')).toBe('held');
  await endSessions();
  // Its end has arrived when another session of the same process has asked.
  expect(await one.take('b', 'y')).toBe('held');
  expect(await one.end('a')).toContain(lost);
});

test('a service that is killed: who holds a lock is told, who waits asks the next one', async () => {
  const bed = await newTestBed();
  await using _ = bed.lifetime;
  const folder = join(bed.folder, 'locks');
  const start = await lockWorkers(bed.lifetime, undefined);
  const [one, two] = [await start(folder), await start(folder)];
  await one.take('a', 'x');
  const waiting = two.take('b', 'x');
  await untilAsked(one, 'x', '"b"');
  process.kill(servicePid(folder), 'SIGKILL');
  expect(await waiting).toBe('held');
  expect(await one.end('a')).toContain("LOCK_LOST: lock 'x' was lost while it was held");
});

test('a name, mode or timeout that cannot be is an error before anything is asked', async () => {
  const locks = new Locks({ folder: '/nowhere/at/all' });
  const owner = locks.ownerOf({ run: 'r', root: '/', title: 't', pid: 1 });
  const failure = (name: unknown, options?: object) =>
    owner.take(name as string, options).then(
      () => 'held',
      (error: StacksError) => error.summary,
    );
  expect(await failure('')).toBe('the name of a lock must be a string with at least one character, got "".');
  expect(await failure(7)).toBe('the name of a lock must be a string with at least one character, got 7.');
  expect(await failure('x'.repeat(10_000))).toBe(
    'the name of a lock has at most 1024 characters, got "10000 characters".',
  );
  expect(await failure('a\nb')).toBe('the name of a lock is one line, without control characters, got "a\\nb".');
  expect(await failure('x', { mode: 'write' })).toBe("`mode` of lock() must be 'read' or 'read-write', got \"write\".");
  expect(await failure('x', { timeout: 0 })).toBe(
    '`timeout` of lock() must be a number of milliseconds above 0, got 0.',
  );
});

test('a folder that another user may write in is refused', async () => {
  const bed = await newTestBed();
  await using _ = bed.lifetime;
  const { folder } = bed; // 0755
  const failure = (of: string) =>
    new Locks({ folder: of })
      .ownerOf({ run: 'r', root: '/', title: 't', pid: 1 })
      .take('x')
      .then(
        () => 'held',
        (error: StacksError) => `${error.code} ${error.summary}`,
      );
  const said = (of: string, why: string) =>
    `LOCK_UNAVAILABLE the folder of the lock service, ${of}, cannot be used: ${why}.`;
  expect(await failure(folder)).toBe(said(folder, 'other users may enter it'));
  const link = join(folder, 'link');
  symlinkSync('/tmp', link);
  expect(await failure(link)).toBe(said(link, 'it is not a folder'));
  expect(await failure('/dev/null')).toBe(said('/dev/null', 'it is not a folder'));
  if (process.geteuid?.() !== 0) return; // only root can give a folder away
  chmodSync(folder, 0o700);
  chownSync(folder, 65_534, 65_534);
  expect(await failure(folder)).toBe(said(folder, 'it belongs to user 65534'));
});

test('whoever has taken the name of the service gets no locks to give: an error says what it may be @matrix', async () => {
  const bed = await newTestBed();
  await using _ = bed.lifetime;
  const folder = join(bed.folder, 'locks');
  const giveBack = await becomeOnly(lockSocket(folder));
  const worker = await (await lockWorkers(bed.lifetime, undefined))(folder);
  expect(await worker.take('a test', 'x')).toMatch(
    /LOCK_UNAVAILABLE: the lock service did not start within 15000 ms.*another user has taken its name/s,
  );
  await giveBack?.();
  expect(await worker.take('a test', 'x')).toBe('held');
});

/** Waits until `title` has the lock or stands in its queue: whoever then asks with little patience is told. */
async function untilAsked(worker: Worker, name: string, title: string): Promise<void> {
  await expect.poll(() => worker.take('probe', name, { timeout: 1 }), { intervals: [10] }).toContain(title);
}
