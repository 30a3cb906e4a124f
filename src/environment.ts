// The variables that mark what a run starts, and those that it must not have.

/** Set by the run in the runner's own environment. */
export const RUN_KEY_VARIABLE = 'PLAYWRIGHT_STACKS_KEY';
/** In the environment of what the run starts: its key, by which it is found when the runner was killed. */
export const PART_OF = 'PLAYWRIGHT_STACKS_PART_OF';

/** Of Playwright's runner, by `dev` and `doctor --app`: what the run is held for (src/playwright/runner/hold.ts). */
export const HOLD_VARIABLE = 'STACKS_HOLD';
/** And with it: the name of what an earlier run has kept, a copy of which the stack uses. */
export const KEPT_VARIABLE = 'STACKS_KEPT';
/** Of `audit`: the file that holds the plan of one of its runs (src/audit/plan.ts). */
export const AUDIT_VARIABLE = 'STACKS_AUDIT';
/** Of `doctor --app`: the folder in which commands and servers note which variables they read. */
export const READS_VARIABLE = 'STACKS_READS';
/** In their environment: the file for that. */
export const READS_FILE_VARIABLE = 'PLAYWRIGHT_STACKS_READS';

/** Playwright's default of `baseURL`; component testing serves its pages there. */
export const BASE_URL_VARIABLE = 'PLAYWRIGHT_TEST_BASE_URL';

/** What the environment of a process that is started now has to hold; nothing where there is no run. */
export function runMark(): Readonly<Record<string, string>> {
  const key = process.env[RUN_KEY_VARIABLE];
  return key === undefined ? {} : { [PART_OF]: key };
}

/** libpq's that would send a session to another server than the one that we name. */
const OF_ANOTHER_SERVER = ['PGSERVICE', 'PGSERVICEFILE', 'PGHOSTADDR'];
/** libpq's, and Postgres's own, that say what a server is like: they are not about the embedded one. */
const OF_THEIR_SERVER = [
  ...['PGDATA', 'PGSYSCONFDIR', 'PGTARGETSESSIONATTRS', 'PGLOADBALANCEHOSTS', 'PGPASSFILE', 'PGREQUIREPEER'],
  ...['PGREQUIREAUTH', 'PGCHANNELBINDING', 'PGGSSENCMODE', 'PGKRBSRVNAME', 'PGGSSLIB', 'PGGSSDELEGATION'],
  ...['PGREQUIRESSL', 'PGSSLMODE', 'PGSSLNEGOTIATION', 'PGSSLCOMPRESSION', 'PGSSLCERT', 'PGSSLKEY', 'PGSSLCERTMODE'],
  ...['PGSSLROOTCERT', 'PGSSLCRL', 'PGSSLCRLDIR', 'PGSSLSNI', 'PGSSLMINPROTOCOLVERSION', 'PGSSLMAXPROTOCOLVERSION'],
  ...['PGMINPROTOCOLVERSION', 'PGMAXPROTOCOLVERSION'],
];

/** What has to go from the environment of whoever is to reach the server that we name; undefined removes a variable. */
export function withoutForeign(server: 'embedded' | 'existing'): Readonly<Record<string, undefined>> {
  const names = server === 'embedded' ? [...OF_ANOTHER_SERVER, ...OF_THEIR_SERVER] : OF_ANOTHER_SERVER;
  return Object.fromEntries(names.map((name) => [name, undefined]));
}
