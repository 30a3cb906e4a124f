// Locks are granted in the order in which they were asked for, and no circle of owners waits.
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { type Asked, type LockMode, type LockRequest, LockTable } from './lock-table.ts';

test('a lock is held by one; the next gets it when it is free', () => {
  const { ask, release, granted } = table();
  expect(ask('a', 'x').type).toBe('granted');
  expect(ask('b', 'x').type).toBe('waits');
  expect(ask('c', 'x').type).toBe('waits');
  release('a', 'x');
  expect(granted).toEqual(['a', 'b']);
  release('b', 'x');
  expect(granted).toEqual(['a', 'b', 'c']);
});

test('readers share, and those who come after a waiting writer wait for it', () => {
  const { ask, release, granted } = table();
  ask('r1', 'x', 'read');
  ask('r2', 'x', 'read');
  expect(ask('w', 'x').type).toBe('waits');
  expect(ask('r3', 'x', 'read').type).toBe('waits');
  expect(ask('r4', 'x', 'read').type).toBe('waits');
  release('r1', 'x');
  expect(granted).toEqual(['r1', 'r2']);
  release('r2', 'x');
  expect(granted).toEqual(['r1', 'r2', 'w']);
  release('w', 'x');
  expect(granted).toEqual(['r1', 'r2', 'w', 'r3', 'r4']);
});

test('a lock asked for twice is held at once, and free after two releases', () => {
  const { ask, release, granted } = table();
  ask('a', 'x');
  ask('b', 'x');
  expect(ask('a', 'x').type).toBe('granted');
  expect(ask('a', 'x', 'read').type).toBe('granted');
  release('a', 'x');
  release('a', 'x');
  expect(granted).toEqual(['a', 'a', 'a']);
  release('a', 'x');
  expect(granted.at(-1)).toBe('b');
});

test('a reader becomes a writer before those who wait, and two who want it are a deadlock', () => {
  const { ask, release, granted } = table();
  ask('a', 'x', 'read');
  ask('b', 'x', 'read');
  ask('w', 'x');
  expect(ask('a', 'x').type).toBe('waits');
  expect(ask('b', 'x').type).toBe('deadlock');
  release('b', 'x');
  expect(granted).toEqual(['a', 'b', 'a']);
});

test('two who lock in opposite order: the second is refused, with the whole circle', () => {
  const { ask, release, granted } = table();
  ask('a', 'x');
  ask('b', 'y');
  expect(ask('a', 'y').type).toBe('waits');
  const asked = ask('b', 'x');
  expect(described(asked)).toEqual(['b waits for x of a', 'a waits for y of b']);
  release('b', 'y');
  expect(granted).toEqual(['a', 'b', 'a']);
});

test('who waits behind another who waits is part of a circle, too', () => {
  const { ask } = table();
  ask('r', 'x', 'read');
  ask('a', 'y');
  ask('w', 'x');
  ask('w2', 'z');
  expect(ask('a', 'x', 'read').type).toBe('waits');
  expect(described(ask('r', 'y'))).toEqual(['r waits for y of a', 'a waits for x of w', 'w waits for x of r']);
});

test('a request that is given up lets those behind it go on', () => {
  const { locks, ask, granted, requests } = table();
  ask('r1', 'x', 'read');
  ask('w', 'x');
  ask('r2', 'x', 'read');
  expect(locks.cancel(requests.get('w') as LockRequest)).toBe(true);
  expect(granted).toEqual(['r1', 'r2']);
  expect(locks.cancel(requests.get('r2') as LockRequest)).toBe(false);
});

test('an owner that ends leaves no lock and no place in a queue', () => {
  const { locks, ask, granted, dropped } = table();
  ask('a', 'x');
  ask('b', 'y');
  ask('a', 'y');
  ask('c', 'x');
  ask('d', 'y');
  locks.releaseAll('a');
  expect(granted).toEqual(['a', 'b', 'c']);
  expect(dropped).toEqual(['a']);
  locks.releaseAll('b');
  expect(granted.at(-1)).toBe('d');
});

test('whatever owners do: a writer is alone, no one waits for nothing, and there is always one who can go on', () => {
  const step = fc.record({
    owner: fc.constantFrom('a', 'b', 'c', 'd'),
    name: fc.constantFrom('x', 'y', 'z'),
    mode: fc.constantFrom<LockMode>('read', 'read-write'),
    does: fc.constantFrom('ask', 'ask', 'release', 'cancel', 'end'),
  });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const { locks, requests, ask, release, held, waiting } = table();
      for (const { owner, name, mode, does } of steps) {
        // As a test does: who waits does nothing else but give up or end.
        const isWaiting = waiting().some((request) => request.owner.id === owner);
        if (does === 'end') locks.releaseAll(owner);
        else if (does === 'cancel' && isWaiting) locks.cancel(requests.get(owner) as LockRequest);
        else if (does === 'ask' && !isWaiting) ask(owner, name, mode);
        else if (does === 'release' && !isWaiting) release(owner, name);
        for (const [lock, holders] of held()) {
          const writers = holders.filter((holder) => holder.mode === 'read-write');
          expect(writers.length === 0 || holders.length === 1, lock).toBe(true);
        }
        for (const request of waiting()) expect(locks.blocking(request).length).toBeGreaterThan(0);
        const stuck = new Set(waiting().map((request) => request.owner.id));
        const holders = new Set([...held().values()].flat().map((holder) => holder.owner));
        expect(holders.size === 0 || [...holders].some((holder) => !stuck.has(holder))).toBe(true);
      }
    }),
  );
});

function table() {
  const locks = new LockTable();
  const granted: string[] = [];
  const dropped: string[] = [];
  const requests = new Map<string, LockRequest>();
  return {
    ...{ locks, granted, dropped, requests },
    ask(id: string, name: string, mode: LockMode = 'read-write'): Asked {
      const owner = { id, info: { run: 'r', root: '/', title: id, pid: 1 } };
      const request: LockRequest = {
        owner,
        name,
        mode,
        since: 0,
        grant: () => granted.push(id),
        drop: () => dropped.push(id),
      };
      requests.set(id, request);
      return locks.ask(request);
    },
    release: (id: string, name: string) => locks.release(id, name),
    held: () =>
      new Map(
        locks
          .parties()
          .map(({ name, holders }) => [name, holders.map(({ owner, mode }) => ({ owner: owner.id, mode }))]),
      ),
    waiting: () => locks.parties().flatMap(({ waiting }) => waiting),
  };
}

function described(asked: Asked): string[] | undefined {
  if (asked.type !== 'deadlock') return undefined;
  return asked.circle.map(
    ({ waiting, blocking }) => `${waiting.owner.id} waits for ${waiting.name} of ${blocking.owner.id}`,
  );
}
