// Who holds the locks of tests on a server, and who waits: read from Postgres' own list. Each session's last statement
// has a note of its owner, which Postgres shows to sessions of the same role.
import { createHash } from 'node:crypto';
import type { Client } from '../postgres/client/connection.ts';
import { redact } from '../text/redact.ts';
import type { LockMode, LockParty, Owner, OwnerInfo, WaitsFor } from './lock-table.ts';

/** First key of the locks of tests: "stkl". */
export const TEST_LOCK = 0x73746b6c;

/** Second key: 32 bits of the name. A collision makes two tests take turns. */
export function keyOf(name: string): number {
  return createHash('sha256').update(name).digest().readInt32BE();
}

/** Bytes of a title, a folder, a name: Postgres keeps 1,024 of a statement. */
const LONGEST_TEXT = 270;

/** Without secrets: `pg_stat_activity` and the server's log have it. */
export function noteOf({ info }: Owner, name: string): string {
  const note = { ...info, title: short(info.title), root: short(info.root), name: short(name) };
  return `/* ${escaped(JSON.stringify(note))} */`;
}

/** As many characters of `text` as fit. */
function short(text: string): string {
  let bytes = 0;
  const rest = [...redact(text)];
  const end = rest.findIndex((character) => {
    bytes += escaped(JSON.stringify(character)).length - 2;
    return bytes > LONGEST_TEXT;
  });
  return rest.slice(0, end < 0 ? rest.length : end).join('');
}

/** JSON that ends no comment, and that a server of any encoding takes. */
function escaped(json: string): string {
  return json.replace(/[^ -)+-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

interface Row {
  readonly pid: number;
  readonly key: number;
  readonly granted: boolean;
  readonly mode: LockMode;
  readonly blocking: readonly number[] | null;
  readonly query: string | null;
  readonly since: Date | null;
}

const PARTIES = `
  SELECT lock.pid, lock.objid::pg_catalog.int8::pg_catalog.float8 AS key, lock.granted,
         CASE WHEN lock.mode = 'ShareLock' THEN 'read' ELSE 'read-write' END AS mode,
         CASE WHEN NOT lock.granted THEN pg_catalog.pg_blocking_pids(lock.pid) END AS blocking,
         session.query,
         -- It began to wait with its statement, and holds what it has since the last one ended.
         CASE WHEN lock.granted THEN session.state_change ELSE session.query_start END AS since
    FROM pg_catalog.pg_locks AS lock
    LEFT JOIN pg_catalog.pg_stat_activity AS session ON session.pid OPERATOR(pg_catalog.=) lock.pid
   WHERE lock.locktype OPERATOR(pg_catalog.=) 'advisory'
     AND lock.classid OPERATOR(pg_catalog.=) $1::pg_catalog.int8::pg_catalog.oid
     AND lock.database OPERATOR(pg_catalog.=) (
           SELECT oid FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) pg_catalog.current_database())`;

async function read(client: Client): Promise<readonly Row[]> {
  const { rows } = await client.query<Row>(PARTIES, [TEST_LOCK]);
  return rows;
}

/** Those who hold `name`, and those who wait for it. */
export async function partiesOf(client: Client, name: string): Promise<readonly LockParty[]> {
  const key = keyOf(name) >>> 0;
  return (await read(client)).filter((row) => row.key === key).map((row) => partyOf(row, name));
}

/** Sessions that wait for each other. */
export interface Circle {
  readonly pids: readonly number[];
  /** The one that began to wait last: the others can go on without it. */
  readonly last: number;
  readonly waits: readonly WaitsFor[];
}

/** The circle that the session is in, if any. */
export async function circleAt(client: Client, pid: number): Promise<Circle | undefined> {
  return circleIn(await read(client), pid);
}

/** What the session waited for, which Postgres has refused. */
export interface Refused {
  readonly pid: number;
  readonly owner: Owner;
  readonly name: string;
  readonly mode: LockMode;
}

/** The circle that the session was in: it still holds what the others wait for. */
export async function circleOf(client: Client, { pid, owner, name, mode }: Refused): Promise<Circle | undefined> {
  const query = noteOf(owner, name);
  const rows = (await read(client)).map((row) => (row.pid === pid ? { ...row, query } : row));
  const key = keyOf(name) >>> 0;
  const blocking = rows.flatMap((row) => (row.key === key && row.pid !== pid ? [row.pid] : []));
  return circleIn([...rows, { pid, key, granted: false, mode, blocking, query, since: new Date() }], pid);
}

function circleIn(rows: readonly Row[], pid: number): Circle | undefined {
  const waits = new Map(rows.filter((row) => !row.granted).map((row) => [row.pid, row]));
  const pids = wayBack(pid, pid, waits, new Set());
  if (!pids) return undefined;
  const waiting = pids.flatMap((each) => waits.get(each) ?? []);
  const [last] = waiting.toSorted((a, b) => Number(b.since) - Number(a.since) || b.pid - a.pid);
  return {
    pids,
    last: last?.pid ?? 0,
    waits: waiting.map((row, index) => {
      const next = pids[(index + 1) % pids.length];
      const name = infoOf(row).name ?? '';
      const held = rows.find((each) => each.pid === next && each.key === row.key);
      return { waiting: partyOf(row, name), blocking: held ? partyOf(held, name) : partyOf(row, name) };
    }),
  };
}

/** The pids from `pid` along those who wait to `target`. */
function wayBack(
  pid: number,
  target: number,
  waits: ReadonlyMap<number, Row>,
  seen: Set<number>,
): readonly number[] | undefined {
  for (const next of waits.get(pid)?.blocking ?? []) {
    if (next === target) return [pid];
    if (seen.has(next)) continue;
    seen.add(next);
    const rest = wayBack(next, target, waits, seen);
    if (rest) return [pid, ...rest];
  }
  return undefined;
}

function partyOf(row: Row, name: string): LockParty {
  const { run = '?', root = '?', title = 'another session', pid = row.pid } = infoOf(row);
  const owner = { id: String(row.pid), info: { run, root, title, pid } };
  return { owner, name, mode: row.mode, holds: row.granted, since: row.since?.getTime() ?? Date.now() };
}

/** Nothing where the session is another role's, or its statement is not ours. */
function infoOf({ query }: Row): Partial<OwnerInfo & { name: string }> {
  try {
    return JSON.parse(/^\/\* (\{.*\}) \*\//.exec(query ?? '')?.[1] ?? '{}');
  } catch {
    return {}; // cut by Postgres
  }
}
