// The errors of this folder: what Postgres said, as what it means for a rewind.
import { messageOf, StacksError } from '../errors.ts';
import { sqlStateOf } from './client.ts';
import { PRIVILEGE_HINT } from './grant.ts';

/**
 * Why a database cannot be brought back to a mark.
 * - `ddl`: the schema was changed, or what notices that was disabled
 * - `truncate`: a large table was truncated, or one in a transaction of higher isolation
 * - `large-object`, `foreign-table`: written outside what is captured
 * - `sequence-cache`: a sequence with CACHE moved; sessions hold values of it
 * - `always-trigger`: a trigger or rule of the application would fire during the undo
 * - `privilege`: a rule, row-level security or the action of a foreign key would apply to the undo, because this role may
 *   not set session_replication_role
 * - `other-role`: a table of another role has code that would run with the rights of this one
 * - `locked`: a session or transaction that this role may not end has written, or keeps a lock on what was to be undone
 * - `capture`: a trigger of ours failed, and kept it from the application; or what was captured, or what undoes it, is gone
 * - `database`: it was dropped, renamed, made anew or closed to us
 * - `worktree`: the git worktree is gone, or could not be written to
 * - `check`: rows were not as they were captured, or could not be written back
 */
export type Reason =
  | 'ddl'
  | 'truncate'
  | 'large-object'
  | 'foreign-table'
  | 'sequence-cache'
  | 'always-trigger'
  | 'privilege'
  | 'other-role'
  | 'locked'
  | 'capture'
  | 'database'
  | 'worktree'
  | 'check';

/** REWIND_IMPOSSIBLE, with the reason as data. Nothing was changed; the remedy is a fresh clone. */
export class RewindImpossible extends StacksError {
  readonly reason: Reason;
  /** What was done, or found. */
  readonly why: string;

  constructor(reason: Reason, why: string, cause: unknown) {
    super('REWIND_IMPOSSIBLE', `the database cannot be rewound: ${why}.`, {
      facts: { reason },
      cause,
      ...(reason === 'privilege' && { hint: PRIVILEGE_HINT }),
    });
    this.reason = reason;
    this.why = why;
  }
}

/** What to throw for an error of any function of ours in a database. */
export function failed(error: unknown, mark: number): Error {
  const state = sqlStateOf(error);
  if (isDamage(error)) return new RewindImpossible('capture', damage(messageOf(error)), error);
  if (state === 'SK001' && error instanceof Error && 'detail' in error) {
    return new RewindImpossible(error.detail as Reason, messageOf(error), error);
  }
  if (state === 'SK002') {
    return new StacksError('MARK_UNKNOWN', `mark ${mark} does not exist: the database was rewound to an earlier one.`, {
      cause: error,
    });
  }
  if (state === '55P03') {
    return new StacksError(
      'REWIND_BUSY',
      'another session holds a lock on what was to be rewound, or rewinds itself.',
      {
        facts: { postgres: messageOf(error) },
        cause: error,
      },
    );
  }
  // Foreign keys hold for those who may not set session_replication_role.
  if (state === '23503' || state === '23001') return new RewindImpossible('privilege', messageOf(error), error);
  // Connection trouble (08, 57P) and errors without a state are not about what the database holds.
  if (state === '' || state.startsWith('08') || state.startsWith('57P'))
    return error instanceof Error ? error : new Error(messageOf(error));
  return new RewindImpossible('check', messageOf(error), error);
}

/** Schema, table, column, function or object is not there, or its right; no session of ours has lost its settings. */
const DAMAGES = new Set(['3F000', '42P01', '42703', '42883', '42704', '42809', '42501', 'SK003']);

/** Something of the schema that holds what was captured was dropped, emptied or taken away. */
export function isDamage(error: unknown): boolean {
  return DAMAGES.has(sqlStateOf(error)) && /\bplaywright_stacks\b|not a control connection/.test(messageOf(error));
}

function damage(message: string): string {
  return `the schema playwright_stacks, which holds what undoes changes, was dropped or altered: ${message}`;
}
