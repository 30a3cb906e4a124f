// Which spares there are at which moment: their turns, those that fail, those that wait for too long, and suites of long tests.
import { mock } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from '@playwright/test';
import { BootTurns } from '../boot-turns.ts';
import type { Generation } from './generation.ts';
import { Spares, type SparesOptions } from './spares.ts';

interface BenchOptions {
  readonly turns?: BootTurns;
  readonly servers?: number;
  readonly firstMayEnd?: Promise<void>;
}

/** The turns of a machine no processor of which is idle. */
function busy(most: number): BootTurns {
  return new BootTurns({ most, longestWait: Number.POSITIVE_INFINITY, isIdle: () => false });
}

/** Until nothing is left to be done at once. */
async function settled(): Promise<void> {
  for (let n = 0; n < 20; n++) await setImmediate();
}

/** Spares whose processes are a list: `fail` ends one, `connect` has it wait at its gate. */
function bench(
  wanted: number | SparesOptions['wanted'],
  { turns = busy(10), servers = 1, firstMayEnd = Promise.resolve() }: BenchOptions = {},
) {
  const booted: { ended: boolean; fail(): void; connect(): void }[] = [];
  const givenUp: string[] = [];
  const spares = new Spares({
    wanted: typeof wanted === 'number' ? () => wanted : wanted,
    servers,
    takeTurn: (signal) => turns.take(signal),
    boot: async (onWaiting) => {
      let fail = (): void => {};
      const exited = new Promise((resolve) => {
        fail = () => resolve({ code: 1, signal: undefined });
      });
      const process = { ended: false, fail, connect: onWaiting };
      booted.push(process);
      const server = { name: 'web', exited, tail: () => ['no port is free'] };
      const end = async () => {
        if (process === booted[0]) await firstMayEnd;
        process.ended = true;
      };
      return { number: booted.length, servers: [server], end } as unknown as Generation;
    },
    onGivenUp: (why) => givenUp.push(why),
    onError: (error) => givenUp.push(String(error)),
  });
  const running = () => booted.flatMap(({ ended }, index) => (ended ? [] : [index + 1]));
  return { spares, booted, running, givenUp };
}

test('the oldest is taken, and as many boot again; no more at once than there are turns', async () => {
  const { spares, booted, running } = bench(3, { turns: busy(2) });
  spares.begin();
  await expect.poll(running).toEqual([1, 2]);
  booted[1]?.connect();
  await expect.poll(running).toEqual([1, 2, 3]);
  expect((await spares.take())?.number).toBe(1);
  spares.over();
  spares.begin();
  booted[2]?.connect();
  booted[0]?.connect();
  await expect.poll(running).toEqual([1, 2, 3, 4]);
  await spares.end();
  expect(running()).toEqual([1]);
  expect(await spares.take()).toBeUndefined();
});

test('where none is wanted none boots', async () => {
  const { spares, booted } = bench(0);
  spares.begin();
  expect([booted, spares.areNone, spares.areGivenUp, await spares.take()]).toEqual([[], true, false, undefined]);
  const one = bench(1);
  one.spares.begin();
  expect(one.spares.areNone).toBe(false);
  await one.spares.end();
});

test('where all are to end, one that was dropped before has ended, too', async () => {
  let letEnd = (): void => {};
  const firstMayEnd = new Promise<void>((resolve) => {
    letEnd = resolve;
  });
  const { spares, booted, running } = bench(1, { firstMayEnd });
  spares.begin();
  await expect.poll(() => booted.length).toBe(1);
  booted[0]?.fail();
  await expect.poll(() => booted.length).toBe(2);
  const ended = spares.end().then(running);
  await setImmediate();
  letEnd();
  expect(await ended).toEqual([]);
});

test('one that ends is booted again, a second in a row is the last; one that served between them counts anew', async () => {
  const { spares, booted, running, givenUp } = bench(1);
  spares.begin();
  for (const n of [0, 1, 2]) {
    await expect.poll(() => booted.length).toBe(n + 1);
    if (n === 1) {
      await spares.take();
      spares.worked();
      spares.begin();
    } else booted[n]?.fail();
  }
  await expect.poll(running).toEqual([2, 4]);
  expect(givenUp).toEqual([]);
  booted[3]?.fail();
  await expect.poll(() => givenUp).toEqual(['"web" ended with code 1\n  | no port is free']);
  spares.begin();
  await setImmediate();
  expect([running(), await spares.take(), spares.areGivenUp]).toEqual([[2], undefined, true]);
});

test('how many are wanted depends on what was measured until then; none ends when it is fewer', async () => {
  const measured: Parameters<SparesOptions['wanted']>[0][] = [];
  const { spares, running } = bench((each) => {
    measured.push({ ...each, periods: [...each.periods] });
    return [1, 3, 1][measured.length - 1] ?? 0;
  });
  spares.bootTime = 700;
  spares.begin();
  await expect.poll(running).toEqual([1]);
  for (const left of [
    [1, 2, 3, 4],
    [1, 2, 3, 4],
  ]) {
    await spares.take();
    spares.over();
    spares.begin();
    await expect.poll(running).toEqual(left);
  }
  expect(measured).toEqual([
    { bootTime: 700, periods: [] },
    { bootTime: 700, periods: [expect.any(Number)] },
    { bootTime: 700, periods: [expect.any(Number), expect.any(Number)] },
  ]);
  await spares.end();
});

test('one that was not started yet is not waited for', async () => {
  const { spares, running } = bench(2, { turns: busy(1) });
  spares.begin();
  await expect.poll(running).toEqual([1]);
  expect((await spares.take())?.number).toBe(1);
  expect(await spares.take()).toBeUndefined();
  await spares.end();
});

test('where tests are long the spares boot later', async () => {
  const { spares, running } = bench(1);
  spares.bootTime = 10;
  spares.begin();
  const began = performance.now();
  await expect.poll(running).toEqual([1]);
  await spares.take();
  await expect.poll(() => performance.now() - began).toBeGreaterThan(300);
  spares.over();
  spares.begin();
  await setImmediate();
  expect(running()).toEqual([1]);
  await expect.poll(running).toEqual([1, 2]);
  await spares.end();
});

test('one that was taken boots on, and others need not wait for that', async () => {
  const turns = busy(1);
  const [one, other] = [bench(1, { turns }), bench(1, { turns })];
  one.spares.begin();
  other.spares.begin();
  await settled();
  expect([one.running(), other.running()]).toEqual([[1], []]);
  await one.spares.take();
  await settled();
  expect([one.running(), other.running()]).toEqual([[1], [1]]);
});

test('of several servers the connection of one does not say that the others have booted', async () => {
  const turns = busy(1);
  const [both, other] = [bench(1, { turns, servers: 2 }), bench(1, { turns })];
  both.spares.begin();
  other.spares.begin();
  await settled();
  both.booted[0]?.connect();
  await settled();
  expect(other.running()).toEqual([]);
  await both.spares.end();
  await settled();
  expect(other.running()).toEqual([1]);
});

test('every stack’s first spare boots before the second of any, and what nobody wants any more has no turn', async () => {
  const turns = busy(1);
  const stacks = [bench(2, { turns }), bench(2, { turns }), bench(2, { turns })];
  const [first, second, third] = stacks;
  for (const { spares } of stacks) spares.begin();
  await settled();
  first?.booted[0]?.connect();
  await settled();
  expect(stacks.map(({ running }) => running())).toEqual([[1], [1], []]);
  await third?.spares.end();
  second?.booted[0]?.connect();
  await settled();
  expect(stacks.map(({ running }) => running())).toEqual([[1, 2], [1], []]);
});

for (const wanted of [1, 2])
  test(`where all wait for too long, test after test, there are none any more: ${wanted} at once`, async () => {
    const { spares, booted, givenUp } = bench(wanted);
    mock.timers.enable({ apis: ['setTimeout'] });
    try {
      for (let period = 1; period <= 3; period++) {
        spares.begin();
        for (let n = 1; n <= 3; n++) {
          await settled();
          for (const process of booted) if (!process.ended) process.connect();
          mock.timers.tick(4_000);
        }
        await settled();
        expect(givenUp).toEqual([]);
        expect(await spares.take()).toBeUndefined();
        spares.over();
      }
    } finally {
      mock.timers.reset();
    }
    expect(givenUp).toEqual([
      expect.stringContaining('waited at its first connection until its driver might have given up'),
    ]);
  });
