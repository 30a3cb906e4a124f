// Why a server ended shortly after a rewind: what it still had to do for the test before was about a row that was undone.
import type { Origin } from '../../events.ts';
import { type LogPosition, logPosition, textSince } from '../../log-slice.ts';
import { parseLog } from '../../postgres/statements/log-format.ts';
import type { LateStatement } from '../../server/server-errors.ts';
import { sqlWithoutValues } from '../../text/shown-sql.ts';
import { poll } from '../../wait.ts';

/** What was undone, and when. */
interface Rewind {
  readonly origin: Origin;
  /** Those of which rows are gone: `public.note`. */
  readonly tables: readonly string[];
  /** Milliseconds of `performance`. */
  readonly at: number;
}

/** Where a server ends later, that is not put down to a rewind: of a statement within a second, on a busy machine. */
const LONGEST_MS = 3_000;
/** Milliseconds within which a failed statement, of which the application has printed the error, is in the server's log. */
const LOG_TIMEOUT_MS = 300;
/** Of a suite of short tests many end in that time. */
const MOST_REWINDS = 3;
/** Bytes of each end of what was logged since. */
const READ = 65_536;

/** What the stack's rewinds have undone, and what came of it. */
export class LateFailures {
  /** The embedded server's. */
  readonly #log: string | undefined;
  readonly #databases: readonly string[];
  #position: LogPosition | undefined;
  /** The last one first. */
  #rewinds: readonly Rewind[] = [];

  constructor(log: string | undefined, databases: readonly string[]) {
    this.#log = log;
    this.#databases = databases;
  }

  /** A test has ended: what is logged from now on may be about rows that its rewind undoes. */
  testEnded(): void {
    this.#position = this.#log === undefined ? undefined : logPosition(this.#log);
  }

  /** A rewind is done. */
  rewound(origin: Origin, tables: readonly { readonly table: string; readonly deleted: number }[]): void {
    const undone = tables.filter(({ deleted }) => deleted > 0).map(({ table }) => table);
    if (undone.length === 0) return;
    this.#rewinds = [{ origin, tables: undone, at: performance.now() }, ...this.#recent()];
  }

  /** The one that a server ended of which has printed `output`. */
  async find(output: readonly string[]): Promise<LateStatement | undefined> {
    const ended = performance.now();
    const rewinds = this.#recent();
    if (rewinds.length === 0) return undefined;
    const tables = rewinds.flatMap((rewind) => rewind.tables);
    const printed = failureOn(output.join('\n'), tables);
    const look = () => this.#logged().findLast(({ text }) => failureOn(text, tables));
    const logged = this.#position && (await poll(look, { timeout: printed ? LOG_TIMEOUT_MS : 0, interval: 10 }));
    const failure = (logged && failureOn(logged.text, tables)) ?? printed;
    const concerned = rewinds.filter(
      ({ tables: own }) => failure && own.some((table) => isNamed(table, failure.table)),
    );
    const [last] = concerned;
    if (!failure || !last) return undefined;
    const origins = concerned.map(({ origin }) => origin);
    return { origins, ms: ended - last.at, error: failure.error, statement: logged?.statement };
  }

  #recent(): readonly Rewind[] {
    const since = performance.now() - LONGEST_MS;
    return this.#rewinds.filter(({ at }) => at >= since).slice(0, MOST_REWINDS);
  }

  #logged(): readonly LoggedError[] {
    return this.#position ? loggedErrors(textSince(this.#position, READ), this.#databases) : [];
  }
}

interface LoggedError {
  /** With its detail. */
  readonly text: string;
  readonly statement: string | undefined;
}

/** Of a text that says that a row refers to one that is not there, in one of these tables: its first line, and the table. */
export function failureOn(
  text: string,
  tables: readonly string[],
): { readonly error: string; readonly table: string } | undefined {
  const missing = [...text.matchAll(/is not present in table \\*"([^"\\]+)/g)].map(([, name = '']) => name);
  const table = missing.find((name) => tables.some((each) => isNamed(each, name)));
  if (table === undefined) return undefined;
  const lines = text.split('\n');
  const error = lines.find((line) => line.includes('violates foreign key constraint')) ?? lines[0] ?? '';
  return { error: error.trim(), table };
}

/** A message has the name alone, of `public.note` or `app."note"`. */
function isNamed(table: string, name: string): boolean {
  return table.match(/"?([^".]+)"?$/)?.[1] === name;
}

/** The errors of these databases in the embedded server's log. */
export function loggedErrors(log: string, databases: readonly string[]): readonly LoggedError[] {
  const found: { pid: number; text: string; statement: string | undefined }[] = [];
  for (const { pid, database, level, message } of parseLog(log)) {
    const of = found.findLast((each) => each.pid === pid);
    if (level === 'ERROR' && databases.includes(database)) found.push({ pid, text: message, statement: undefined });
    else if (of && level === 'DETAIL') of.text += `\n${message}`;
    else if (of && level === 'STATEMENT') of.statement = sqlWithoutValues(message).replace(/\s+/g, ' ').trim();
  }
  return found;
}
