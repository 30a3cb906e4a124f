// Who of the run holds which lock, and who waits. Those of other runs are not in its events.
import type { StampedEvent, TestRef } from '../events.ts';
import type { LockHolder, LockState, RunState } from './run-state.ts';

type Locks = RunState['locks'];
type LockEvent = Extract<StampedEvent, { type: 'lock-asked' | 'lock-taken' | 'lock-refused' | 'lock-released' }>;

export function reduceLocks(locks: Locks, event: StampedEvent): Locks {
  switch (event.type) {
    case 'lock-asked':
      return change(locks, event, (lock) => ({ ...lock, waiting: [...lock.waiting, holderOf(event)] }));
    case 'lock-taken':
      return change(locks, event, ({ name, holders, waiting }) => {
        return { name, holders: [...holders, holderOf(event)], waiting: without(waiting, event) };
      });
    case 'lock-refused':
      return change(locks, event, (lock) => ({ ...lock, waiting: without(lock.waiting, event) }));
    case 'lock-released':
      return change(locks, event, (lock) => ({ ...lock, holders: without(lock.holders, event) }));
    case 'released':
      // Its worker has ended, however it did: its locks are free.
      return Object.values(locks).reduce(
        (rest, { name }) => change(rest, { name }, (lock) => withoutWorker(lock, event.worker)),
        locks,
      );
    default:
      return locks;
  }
}

function holderOf({ slot, worker, test, mode, at }: LockEvent): LockHolder {
  return { slot, worker, test, mode, since: at };
}

/** Without one entry of this test: it may have asked for the lock twice. */
function without(parties: readonly LockHolder[], { worker, test }: LockEvent): readonly LockHolder[] {
  const index = parties.findIndex((each) => each.worker === worker && isSame(each.test, test));
  return index < 0 ? parties : parties.toSpliced(index, 1);
}

function withoutWorker({ name, holders, waiting }: LockState, worker: number): LockState {
  const isOther = (each: LockHolder) => each.worker !== worker;
  return { name, holders: holders.filter(isOther), waiting: waiting.filter(isOther) };
}

function isSame(one: TestRef | undefined, other: TestRef | undefined): boolean {
  return one?.id === other?.id && one?.retry === other?.retry;
}

function change(locks: Locks, { name }: { name: string }, next: (lock: LockState) => LockState): Locks {
  const { [name]: known, ...others } = locks;
  // A lock may be called `constructor`.
  const lock = next(known && Object.hasOwn(locks, name) ? known : { name, holders: [], waiting: [] });
  return lock.holders.length + lock.waiting.length === 0 ? others : { ...others, [name]: lock };
}
