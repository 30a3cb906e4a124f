// What a rewind did, or that it could not be done, as the event that tells of it.
import type { Origin, WorkerEvent } from '../events.ts';
import { PRIVILEGE_HINT } from '../rewind/grant.ts';
import type { RewindImpossible } from '../rewind/impossible.ts';
import type { Rewound } from '../rewind/rewind.ts';

export function rewoundEvent(origin: Origin, { tables, ms, waited, heard, ended }: Rewound, rows: number): WorkerEvent {
  return {
    type: 'rewound',
    ...origin,
    rows,
    tables,
    ms,
    waited,
    quiet: heard.waited,
    ended: ended.map(({ query, state }) => query ?? state),
  };
}

export function rowsMade(rewound: Rewound | undefined): number {
  return rewound?.tables.reduce((sum, { deleted }) => sum + deleted, 0) ?? 0;
}

/** A fresh stack has taken the place of one that could not be brought back. */
export function impossibleEvent(origin: Origin, { reason, why: what }: RewindImpossible, ms: number): WorkerEvent {
  const hint = reason === 'privilege' && { hint: PRIVILEGE_HINT };
  return { type: 'rewind-impossible', ...origin, reason, what, ...hint, ms };
}
