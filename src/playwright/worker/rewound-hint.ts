// The commonest surprise of a suite that is isolated for the first time: a test needs rows that an earlier one made.
import type { RewoundTest } from '../../lease/protocol.ts';

/** Where the earlier test ran: in the group of the one that failed, in a file before it, in another worker. */
export type RanIn = 'group' | 'file' | 'worker';

/** What the failed test says of itself, and of whom it may speak. */
export interface Failed {
  /** The messages of its errors, without colours. */
  readonly errors: readonly string[];
  /** The statuses that its requests were answered with. */
  readonly statuses: readonly number[];
  /** Whether an application runs beside it that earlier tests were on, and that may remember what was rewound. */
  readonly mayRemember: boolean;
}

/**
 * Whether something is missing for it, or known to one who should not know it: without that, rows that are gone have
 * nothing to do with it, and the hint would send people to give up isolation.
 */
export function missesRows({ errors, statuses }: Failed): boolean {
  return (
    statuses.some((status) => MISSED.has(status)) || errors.some((error) => !isOfOurs(error) && isOfMissing(error))
  );
}

/** The changes or the statements of the test itself. */
function isOfOurs(error: string): boolean {
  return /\.(?:not\.)?(?:toHaveChanged|toHaveQueried)\(/.test(error);
}

function isOfMissing(error: string): boolean {
  if (FOUND.test(error)) return false;
  return OF_MEMORY.test(error) || NOTHING.test(error) || isFewer(error);
}

/** `Expected length: 3`, `Received length: 2`; or a list of which parts are missing, and nothing else differs. */
function isFewer(error: string): boolean {
  const [, expected, received] =
    /^\s*Expected(?: length)?:\s+(\d+)\s*\n\s*Received(?: length)?:\s+(\d+)\s*$/m.exec(error) ?? [];
  return /^\+ Received\s+\+ 0$/m.test(error) || Number(received) < Number(expected);
}

/** In the log of every assertion that found its element, and not what was expected of it. */
const FOUND = /locator resolved to/;
const MISSED = new Set([401, 403, 404, 409, 410]);
/** Playwright's and Node's words for what is not there. */
const NOTHING =
  /not found|expect\((?:received|locator)\)\.(?:toContain\w*|toMatchObject|toHaveProperty)\(|^\s*Received(?: string| array)?:\s+(?:0|null|undefined|false|""|\[\]|\{\}|hidden)\s*$|[Cc]annot (?:read|set) properties of (?:null|undefined)|waiting for (?:locator|getBy)/m;

/** @example 3 rows made by 'creates a note' (notes.spec.ts) were rewound; … */
export function rewoundHint({ test, rows, scope }: RewoundTest, where: RanIn, { errors, mayRemember }: Failed): string {
  const who = scope === 'group' ? 'the tests and hooks up to ' : '';
  const made = `${rows === 1 ? '1 row' : `${rows} rows`} made by ${who}'${test.title}' (${test.file})`;
  const rewound = `${made} ${rows === 1 ? 'was' : 'were'} rewound`;
  if (!mayRemember) return `${rewound}; ${REMEDY[where]}`;
  return errors.some((error) => OF_MEMORY.test(error))
    ? `${rewound}; ${REMEMBERS}. If the test itself needs them: ${REMEDY[where]}`
    : `${rewound}; ${REMEDY[where]}. Or ${REMEMBERS}`;
}

const REMEDY: Readonly<Record<RanIn, string>> = {
  group: "`describe.serial` or `isolation: 'file'` keeps them",
  file: "`isolation: 'worker'` keeps them for the files after it, in a suite that relies on their order",
  worker: 'it ran in another worker: `describe.serial` keeps both in one, and the rows',
};

const REMEMBERS =
  "does the application still remember them (a cache, a session, the highest id that it has seen)? `server.reset`, `server.restart: 'test'` or `database.sequences: 'keep'` helps";

/** What an application answers, or Postgres says, where one of the two knows of a row and the other does not. */
const OF_MEMORY =
  /\b40[1349]\b|not found|forbidden|unauthori[sz]ed|violates foreign key|is not present in table|duplicate key value|already exists/i;
