// The commonest surprise of a suite that is isolated for the first time: a test needs rows that an earlier one made.
import type { RewoundTest } from '../../lease/protocol.ts';

/** Where the earlier test ran: in the group of the one that failed, in a file before it, in another worker. */
export type RanIn = 'group' | 'file' | 'worker';

/** @example 3 rows made by 'creates a note' (notes.spec.ts) were rewound; … */
export function rewoundHint({ test, rows, scope }: RewoundTest, where: RanIn): string {
  const who = scope === 'group' ? 'the tests and hooks up to ' : '';
  const made = `${rows === 1 ? '1 row' : `${rows} rows`} made by ${who}'${test.title}' (${test.file})`;
  return `${made} ${rows === 1 ? 'was' : 'were'} rewound; ${REMEDY[where]}`;
}

const REMEDY: Readonly<Record<RanIn, string>> = {
  group: "`describe.serial` or `isolation: 'file'` keeps them",
  file: "`isolation: 'worker'` keeps them for the files after it, in a suite that relies on their order",
  worker: 'it ran in another worker: `describe.serial` keeps both in one, and the rows',
};
