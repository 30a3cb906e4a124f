// Which databases of a server were made by whom: an entry for each, written before the database is made. It is an empty
// large object in the agreed database, whose comment is a note. Any role may make one; only that role and superusers may
// write its comment; all may read it, so that nobody connects to a stranger's database for that.

import { poll } from '../../wait.ts';
import type { Client } from '../client/connection.ts';
import { quoteLiteral } from '../client/quote.ts';
import { inTransaction } from '../client/transaction.ts';
import type { KeptAfter } from './kept.ts';

/** What becomes of the database when its run is dead: it is dropped, or only while it is unfinished, or never. */
export type Kind = 'run' | 'template' | 'kept';

export interface Note {
  readonly kind: Kind;
  readonly run: string;
  readonly name: string;
  /** Absent while it is being made. */
  readonly oid?: string;
  /** While it is being made: its name, which nobody could know before, and the session that does it. */
  readonly making?: Making;
  readonly template?: TemplateNote;
  /** `database`: its name in the options. */
  readonly kept?: KeptAfter & { readonly database: string };
}

interface Making {
  readonly name: string;
  readonly pid: number;
  readonly since: string;
}

export interface TemplateNote {
  /** The fingerprint; the run's key, with the variant's name, when it is this run's only. */
  readonly key: string;
  /** The day on which it was last used: `2026-01-31`. */
  readonly used: string;
  /** Only of a finished one. */
  readonly seal?: Seal;
}

/** What a template was when it was finished; something of it differs when it was altered since. */
export interface Seal {
  /** The version of its row in pg_database. */
  readonly row: string;
  /** A hash of its settings. */
  readonly settings: string;
  /** When the server last lost what is not in its log; only where the template has unlogged tables. */
  readonly crash?: string;
}

export interface Entry {
  /** The large object's oid, and the transaction that made it. */
  readonly id: string;
  readonly xid: string;
  /** The oid of the role that made it. */
  readonly owner: string;
  readonly by: 'this role' | 'a superuser' | 'another role';
  /** This session may. */
  readonly mayDrop: boolean;
  readonly note: Note;
}

/** A database with its entry. */
export interface Made {
  readonly name: string;
  readonly oid: string;
  readonly entry: Entry;
}

/** Writes the entry of a database that this session is about to make under the name `making`. */
export async function register(client: Client, note: Note, making: string): Promise<Entry> {
  return inTransaction(client, async () => {
    const { rows } = await client.query<{ id: string; xid: string; pid: number; since: string; owner: string }>(CREATE);
    const [made] = rows;
    if (!made) throw new Error('this session is not in pg_stat_activity');
    const { id, xid, pid, since, owner } = made;
    const complete = { ...note, making: { name: making, pid, since } };
    const entry: Entry = { id, xid, owner, by: 'this role', mayDrop: true, note: complete };
    await client.query(amendment(entry));
    return entry;
  });
}

/** The statement that writes the entry's note. */
export function amendment({ id, xid, note }: Entry): string {
  return `COMMENT ON LARGE OBJECT ${Number(id)} IS ${quoteLiteral(JSON.stringify({ [KEY]: { xid, ...note } }))}`;
}

/** All that this session may believe, or a superuser clean up after; this role's own first. */
export async function readEntries(client: Client, only?: Entry): Promise<Entry[]> {
  const { rows } = await client.query<Row>(ENTRIES, [`{"${KEY}":`, only?.id ?? null]);
  return rows.flatMap(({ text, xid, ...row }): Entry[] => {
    const note = readNote(text, xid);
    return note ? [{ ...row, xid, note }] : [];
  });
}

/** Removes an entry, when its database is gone. */
export async function forget(client: Client, { id, xid }: Entry): Promise<void> {
  await client.query(FORGET, [id, xid]);
}

/** Ends the session that was making an entry's database, and waits until it is gone. Throws where it is not. */
export async function endMaker(client: Client, { owner, by, note }: Entry, timeout: number): Promise<void> {
  if (!note.making) return;
  const { pid, since } = note.making;
  // What another role says of sessions that are not its own is not believed.
  const values = [pid, since, by === 'another role' ? owner : null];
  const hasEnded = async () => (await client.query(END_MAKER, values)).rowCount === 0 || undefined;
  if (!(await poll(hasEnded, { timeout, interval: 5 }))) {
    throw new Error(`the session ${pid} still makes a database after ${timeout} ms`);
  }
}

const KEY = 'playwright-stacks';

/** When a session began, in pg_stat_activity. */
const SINCE = '(extract(epoch FROM backend_start) * 1000000)::bigint::text';

type Row = Omit<Entry, 'note'> & { readonly text: string };

/** Undefined: not one of ours; or it came with a dump of another server, and was made by another transaction here. */
function readNote(text: string, xid: string): Note | undefined {
  try {
    const note = JSON.parse(text)[KEY];
    return note.xid === xid && isNote(note) ? note : undefined;
  } catch {
    return undefined; // somebody else's
  }
}

function isNote({ kind, run, name, oid, making, template, kept }: Record<string, unknown>): boolean {
  return (
    ['run', 'template', 'kept'].includes(String(kind)) &&
    areStrings(run, name) &&
    (areStrings(oid) || (isRecord(making) && areStrings(making.name, making.since))) &&
    (template === undefined || (isRecord(template) && areStrings(template.key, template.used))) &&
    (kept === undefined ||
      (isRecord(kept) && areStrings(kept.database, kept.test, kept.file, kept.variant, kept.root, kept.at)))
  );
}

function areStrings(...values: readonly unknown[]): boolean {
  return values.every((value) => typeof value === 'string');
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

const CREATE = `
  SELECT pg_catalog.lo_create(0)::text              AS id,
         pg_catalog.pg_current_xact_id()::xid::text AS xid,
         (SELECT oid::text FROM pg_catalog.pg_roles WHERE rolname = current_user) AS owner,
         pid,
         ${SINCE} AS since
    FROM pg_catalog.pg_stat_activity
   WHERE pid = pg_catalog.pg_backend_pid()`;

// A role that wants to be in the way may write many, and long ones.
const ENTRIES = `
  SELECT l.oid::text      AS id,
         l.xmin::text     AS xid,
         l.lomowner::text AS owner,
         CASE WHEN l.lomowner = me.oid THEN 'this role' WHEN maker.rolsuper THEN 'a superuser' ELSE 'another role' END AS by,
         l.lomowner = me.oid OR me.rolsuper AS "mayDrop",
         d.description    AS text
    FROM pg_catalog.pg_description d
    JOIN pg_catalog.pg_largeobject_metadata l ON l.oid = d.objoid
    JOIN pg_catalog.pg_roles maker ON maker.oid = l.lomowner
    JOIN pg_catalog.pg_roles me ON me.rolname = current_user
   WHERE d.classoid = 'pg_catalog.pg_largeobject'::pg_catalog.regclass
     AND pg_catalog.starts_with(d.description, $1)
     AND ($2::oid IS NULL OR l.oid = $2)
     AND (l.lomowner = me.oid OR pg_catalog.length(d.description) < 10000)
     AND (l.lomowner = me.oid OR maker.rolsuper OR me.rolsuper)
   ORDER BY l.lomowner = me.oid DESC, l.oid
   LIMIT 10000`;

const FORGET = `
  SELECT pg_catalog.lo_unlink(oid)
    FROM pg_catalog.pg_largeobject_metadata
   WHERE oid = $1::oid AND xmin = $2::xid`;

const END_MAKER = `
  SELECT pg_catalog.pg_terminate_backend(pid)
    FROM pg_catalog.pg_stat_activity
   WHERE pid = $1 AND ${SINCE} = $2 AND ($3::oid IS NULL OR usesysid = $3::oid) AND pid <> pg_catalog.pg_backend_pid()`;
