// Why a worker's use of its stack ends.
import { errorFromWire, messageOf, StacksError } from '../errors.ts';
import type { Origin } from '../events.ts';
import type { Response } from '../lease/protocol.ts';
import { originTitle } from '../names.ts';
import { PRIVILEGE_HINT } from '../rewind/grant.ts';
import { RewindImpossible } from '../rewind/impossible.ts';
import { isSessionLost } from './control-connection.ts';

/** The pool has no stack any more. */
export function refusal(response: Exclude<Response, { type: 'ready' }>): Error {
  return response.type === 'skip'
    ? new StacksError('STACK_NOT_LEASED', response.reason)
    : errorFromWire(response.error);
}

/** Of an error of a rewind to a mark of ours: that one is gone only where somebody has emptied our tables. */
export function asImpossible(error: unknown): RewindImpossible | undefined {
  if (error instanceof RewindImpossible) return error;
  if (!(error instanceof StacksError && error.code === 'MARK_UNKNOWN')) return undefined;
  return new RewindImpossible(
    'capture',
    'the tables of the schema playwright_stacks, which hold what undoes changes, were emptied or replaced',
    error,
  );
}

/** Outside of a rewind: throws it, unless the rewind that comes next meets it, too. */
export function leaveToRewind(error: unknown): void {
  if (!(error instanceof RewindImpossible)) throw orSessionLost(error);
}

/** The stack was to be opened anew, and what it has to get back is not to be had. */
export function irrecoverable({ why, reason }: RewindImpossible, origin: Origin, cause: unknown): StacksError {
  return new StacksError('REWIND_IMPOSSIBLE', `what ${originTitle(origin)} did cannot be undone: ${why}.`, {
    facts: {
      reason,
      'fresh clone': `cannot get back what was there before: ${String((cause as Error).message).split('\n')[0]}`,
    },
    hint: `the tests after it run in a new worker, on a fresh clone. ${isPrivilege(cause) ? PRIVILEGE_HINT : 'Let `beforeAll` write rows only, or move what changes the schema into `database.migrate`.'}`,
    cause,
  });
}

function isPrivilege(cause: unknown): boolean {
  return cause instanceof RewindImpossible && cause.reason === 'privilege';
}

/** DATABASE_UNREACHABLE where Postgres ended the session that rewinds; else `error` itself. */
export function orSessionLost(error: unknown): unknown {
  if (!isSessionLost(error)) return error;
  return new StacksError('DATABASE_UNREACHABLE', 'Postgres ended the session that rewinds.', {
    facts: { reason: messageOf(error) },
    hint: 'it was ended, or one of its processes was killed; its log, or the end of this run, says why.',
    cause: error,
  });
}
