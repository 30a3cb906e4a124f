// What a lock that cannot be had says: who has it, since when, in which test of which run.
import { StacksError } from '../errors.ts';
import type { LockMode, LockParty, Owner, WaitsFor } from './lock-table.ts';

export function lockTimeout(
  name: string,
  mode: LockMode,
  timeout: number,
  blocking: readonly LockParty[],
): StacksError {
  return new StacksError('LOCK_TIMEOUT', `waited ${timeout} ms for ${title(name, mode)}.`, {
    items: blocking.map((party) => `${party.holds ? 'held by' : 'asked for earlier by'} ${described(party)}`),
    hint: 'hold locks for parts of a test only, or give this one more time: `lock(name, { timeout: 600_000 })`.',
  });
}

export function lockDeadlock(name: string, mode: LockMode, circle: readonly WaitsFor[]): StacksError {
  return new StacksError(
    'LOCK_DEADLOCK',
    `${title(name, mode)} would never be free: tests wait for each other in a circle.`,
    {
      items: circle.map(
        ({ waiting, blocking }) =>
          `${quoted(waiting.owner.info.title)} waits for lock '${waiting.name}', which ${described(blocking)} ${blocking.holds ? 'holds' : 'asked for earlier'}`,
      ),
      hint: 'take locks in the same order in all tests. The other test goes on.',
    },
  );
}

/** The request was not awaited, or its test failed meanwhile. */
export function lockUnwanted(name: string, mode: LockMode, { info }: Owner): StacksError {
  return new StacksError('LOCK_TIMEOUT', `${quoted(info.title)} ended while it waited for ${title(name, mode)}.`, {
    hint: 'await what `lock()` returns.',
  });
}

function title(name: string, mode: LockMode): string {
  return `lock '${name}' (${mode})`;
}

function described({ owner, mode, since }: LockParty): string {
  const { title, run, root, pid } = owner.info;
  const at = new Date(since).toTimeString().slice(0, 8);
  const seconds = Math.max(0, Math.round((Date.now() - since) / 1_000));
  return `${quoted(title)} (${mode}, since ${at}, ${seconds} s; run ${run} in ${root}, pid ${pid})`;
}

function quoted(text: string): string {
  return `"${text}"`;
}
