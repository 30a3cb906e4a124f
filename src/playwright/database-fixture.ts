// The `db` fixture: a test's own queries on its slot's database, and what the test has changed in it.
import type { Client, QueryResult } from 'pg';
import { StacksError } from '../errors.ts';
import { WORKER } from '../names.ts';
import type { Marks } from '../pool/leased-databases.ts';
import type { Session } from '../pool/session.ts';
import { serverTitle } from '../postgres/connection-string.ts';
import type { Change } from '../rewind/changes.ts';

declare const marks: unique symbol;
/** A moment of the test that it can go back to. */
export interface DatabaseMark {
  readonly [marks]: true;
}

/** The slot's database, as a test sees it. */
export interface StackDatabase {
  /** Connection string. */
  readonly url: string;
  /**
   * Runs one statement on a connection that is opened by the test's first query and closed when the test ends; a
   * transaction left open is rolled back.
   * @param text SQL with `$1`, `$2` … for `values`
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number | null }>;
  /**
   * The net row changes since the test began, whoever made them: a row that was inserted and deleted again is not among
   * them. Ordered by table and key. In a `describe.serial` group: since the group began.
   * @throws REWIND_IMPOSSIBLE when the test did what is not captured (DDL), OPTIONS_INVALID outside the test
   */
  changes(): Promise<readonly Change[]>;
  /** Marks this moment of the test. */
  mark(): Promise<DatabaseMark>;
  /**
   * Undoes what was changed since the mark; later marks end with it.
   * @throws MARK_UNKNOWN for a mark of another test, or one that has ended; REWIND_IMPOSSIBLE
   */
  rewind(mark: DatabaseMark): Promise<void>;
}

/** @param session of the test's stack; undefined: there is none (`STACKS=off`) */
export function openDatabase(url: string, session: Session | undefined): StackDatabase & AsyncDisposable {
  let client: Promise<Client> | undefined;
  let ended = false;
  const own = new WeakMap<DatabaseMark, Marks>();
  const during = (what: string): Session => {
    if (ended) throw outside(what);
    if (session) return session;
    throw new StacksError('OPTIONS_INVALID', `${what} needs a stack, and STACKS=off is set.`);
  };
  return {
    url,
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      client ??= connect(url);
      const result: QueryResult<Row> = await (await client).query<Row>(text, [...values]);
      return { rows: result.rows, rowCount: result.rowCount };
    },
    changes: async () => during('db.changes()').changes(),
    async mark() {
      const mark = Object.freeze({}) as DatabaseMark;
      own.set(mark, await during('db.mark()').mark());
      return mark;
    },
    async rewind(mark) {
      const marks = own.get(mark);
      if (marks === undefined) throw unknownMark();
      await during('db.rewind()').rewindTo(marks);
    },
    async [Symbol.asyncDispose]() {
      ended = true;
      await (await client)?.end();
    },
  };
}

async function connect(url: string): Promise<Client> {
  // Imported by the first query: suites that never ask do not pay for it.
  const { connect: open } = await import('../postgres/connection.ts');
  return open({ connectionString: url }, serverTitle(url), { purpose: 'test', name: WORKER });
}

function outside(what: string): StacksError {
  return new StacksError('OPTIONS_INVALID', `${what} was called outside the test that it was given to.`, {
    hint: 'ask for `db` in the test, hook or fixture that uses it, and await what it returns.',
  });
}

function unknownMark(): StacksError {
  return new StacksError('MARK_UNKNOWN', 'db.rewind() was given a mark of another test.', {
    hint: 'a mark lives as long as its test: call `db.mark()` in the test that rewinds to it.',
  });
}
