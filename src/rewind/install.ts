// Installs capture into a database: the template, so that every clone has it, or again where the application has made
// tables since. Called twice it arms what lacks, and changes nothing else.
import { createHash, randomBytes } from 'node:crypto';
import { messageOf, StacksError } from '../errors.ts';
import { rowsOf, type Sql } from './client.ts';
import { openControl, settle } from './control.ts';
import { notOwned } from './grant.ts';
import { armSql } from './sql/arm.sql.ts';
import { captureSql } from './sql/capture.sql.ts';
import { changesSql } from './sql/changes.sql.ts';
import { databaseStateSql } from './sql/database-state.ts';
import { ddlSql } from './sql/ddl.sql.ts';
import { deltaSql } from './sql/delta.sql.ts';
import { digestSql } from './sql/digest.sql.ts';
import { keptSequencesSql } from './sql/kept-sequences.sql.ts';
import { markSql } from './sql/mark.sql.ts';
import { othersCodeSql } from './sql/others-code.sql.ts';
import { rewindSql } from './sql/rewind.sql.ts';
import { sequenceSql } from './sql/sequence.sql.ts';
import { togetherSql } from './sql/together.sql.ts';
import { undoSql } from './sql/undo.sql.ts';
import { wipeSql } from './sql/wipe.sql.ts';

export interface CaptureOptions {
  /**
   * The TimeZone that the application's sessions use. Another one works too, at some microseconds a row.
   * @default the session's own
   */
  readonly timeZone?: string;
  /**
   * Under which the application's CHECK constraints and generated columns find their functions.
   * @default the session's own
   */
  readonly searchPath?: string;
  /**
   * Whether DDL is noticed by event triggers, or by looking at the catalog.
   * @default true for a superuser, who alone may make them
   */
  readonly eventTriggers?: boolean;
  /**
   * Whether roles may be on the server that are not to get the rights of this one: nothing of their tables is evaluated that
   * could be code of theirs.
   * @default false
   */
  readonly shared?: boolean;
}

/** What capture does not cover in this database; each is noticed when it is written to. */
export interface Captured {
  readonly tables: number;
  /** True when DDL is noticed by event triggers; false: by looking at the catalog, about a ms at every mark and rewind. */
  readonly eventTriggers: boolean;
  readonly notUndone: readonly { readonly relation: string; readonly reason: 'foreign-table' | 'sequence-cache' }[];
}

/**
 * The client, whose settings are those that the application's sessions have by default, becomes a control connection. The
 * first time in a database nobody else may be writing to it.
 */
export async function installCapture(client: Sql, options: CaptureOptions = {}): Promise<Captured> {
  const [session] = await rowsOf<Session>(client, SESSION);
  if (!session) throw new Error('no answer from Postgres');
  if (session.installed === false) throw taken();
  if (session.installed === null) {
    const zone = options.timeZone ?? session.zone;
    const searchPath = options.searchPath ?? session.path;
    const eventTriggers = options.eventTriggers ?? session.superuser;
    const secret = randomBytes(16).toString('hex');
    const control = isControl(secret);
    await settle(client);
    // One message, therefore one transaction.
    const made = client.query(
      [
        captureSql(zone, control),
        othersCodeSql(options.shared ?? false),
        armSql,
        undoSql(searchPath),
        togetherSql(searchPath),
        sequenceSql(session.version),
        keptSequencesSql,
        databaseStateSql(eventTriggers),
        markSql(control, eventTriggers),
        rewindSql(eventTriggers),
        digestSql(session.version),
        changesSql,
        deltaSql(eventTriggers),
        wipeSql,
        `INSERT INTO playwright_stacks.info VALUES (NULL, NULL, ${eventTriggers}, '${zone.replaceAll("'", "''")}', '${secret}', 0, NULL)`,
        eventTriggers ? ddlSql(control) : '',
      ].join(';\n'),
    );
    await made.catch(async (error) => {
      throw (await refused(client, error)) ?? error;
    });
  }
  const control = await openControl(client);
  await control.query('SELECT playwright_stacks.arm()').catch((error) => {
    throw notOwned(error);
  });
  const [answer] = await rowsOf<{ captured: Captured }>(control, CAPTURED);
  if (!answer) throw new Error('no answer from Postgres');
  return answer.captured;
}

/** Of the capture that this code installs: a template with another one cannot be used. */
export const captureVersion: string = createHash('sha256')
  .update(
    [
      captureSql('', ''),
      othersCodeSql(false),
      othersCodeSql(true),
      armSql,
      undoSql(''),
      togetherSql(''),
      sequenceSql(130000),
      sequenceSql(180000),
      keptSequencesSql,
      databaseStateSql(true),
      databaseStateSql(false),
      markSql('', true),
      markSql('', false),
      rewindSql(true),
      rewindSql(false),
      digestSql(130000),
      digestSql(180000),
      changesSql,
      deltaSql(true),
      deltaSql(false),
      wipeSql,
      ddlSql(''),
    ].join(),
  )
  .digest('hex')
  .slice(0, 8);

// Nothing of the application's search_path decides; no setting, no work.
function isControl(secret: string): string {
  const hash = createHash('sha256').update(secret).digest('hex');
  const given = `pg_catalog.convert_to(pg_catalog.current_setting('playwright_stacks.control', true), 'UTF8')`;
  // Without a backslash, which standard_conforming_strings gives a meaning.
  return `pg_catalog.encode(pg_catalog.sha256(${given}), 'hex') OPERATOR(pg_catalog.=) '${hash}'`;
}

interface Session {
  version: number;
  zone: string;
  path: string;
  superuser: boolean;
  /** Null: there is no such schema. False: there is one of another role's, whose functions are not to be called. */
  installed: boolean | null;
}

// Qualified, for search_path may be anything.
const SESSION = `
SELECT pg_catalog.current_setting('server_version_num')::pg_catalog.int4 AS version, pg_catalog.current_setting('TimeZone') AS zone,
       pg_catalog.current_setting('search_path') AS path, pg_catalog.current_setting('is_superuser')::pg_catalog.bool AS superuser,
       (SELECT s.nspowner OPERATOR(pg_catalog.=) r.oid FROM pg_catalog.pg_namespace s, pg_catalog.pg_roles r
         WHERE s.nspname OPERATOR(pg_catalog.=) 'playwright_stacks' AND r.rolname OPERATOR(pg_catalog.=) current_user) AS installed`;

const CAPTURED = `
SELECT jsonb_build_object(
  'tables', (SELECT count(*) FROM playwright_stacks.rel),
  'eventTriggers', (SELECT event_triggers FROM playwright_stacks.info),
  'notUndone', coalesce((SELECT jsonb_agg(n) FROM (
    SELECT rel::regclass::text AS relation, 'foreign-table' AS reason FROM playwright_stacks.captured WHERE kind = 'f'
    UNION ALL
    SELECT seq::regclass::text, 'sequence-cache' FROM playwright_stacks.sequence WHERE cache > 1) n), '[]')) AS captured`;

function taken(): StacksError {
  return new StacksError(
    'DATABASE_UNFIT',
    'there is a schema "playwright_stacks" already, which another role has made.',
    {
      hint: 'playwright-stacks keeps what undoes changes in a schema of that name: find out where it comes from (`migrate`, an extension, `template1`), and rename it.',
    },
  );
}

/** By an event trigger of the application, which fires for a role that is no superuser. */
async function refused(client: Sql, error: unknown): Promise<StacksError | undefined> {
  const [trigger] = await rowsOf<{ name: string }>(
    client,
    `SELECT t.evtname::text AS name FROM pg_event_trigger t JOIN pg_proc p ON p.oid = t.evtfoid
     WHERE t.evtenabled <> 'D' AND strpos($1, concat('function ', p.oid::regprocedure)) > 0 ORDER BY 1 LIMIT 1`,
    [String(Reflect.get(Object(error), 'where') ?? '')],
  );
  if (!trigger) return undefined;
  return new StacksError(
    'DATABASE_UNFIT',
    `an event trigger of the database (${trigger.name}) refuses the schema of capture: ${messageOf(error)}`,
    {
      hint: 'let it pass the schema `playwright_stacks`, or disable it at the end of `database.seed`: ALTER EVENT TRIGGER … DISABLE.',
      cause: error,
    },
  );
}
