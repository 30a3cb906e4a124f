// What a rewind did, as the event that tells of it.
import type { Origin, WorkerEvent } from '../events.ts';
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
