// The application's statements in a part of the server's log: in the order in which they began, each with what became of it.
import { APPLICATION } from '../../names.ts';
import { endOfQuoted } from '../../text/quoted.ts';
import { type LogRecord, parseLog } from './log-format.ts';

export interface LoggedStatement {
  /** When it began: milliseconds since 1970. */
  readonly at: number;
  readonly pid: number;
  readonly database: string;
  readonly application: string;
  readonly sql: string;
  /** `$1` is the first; null is NULL. */
  readonly parameters: readonly (string | null)[];
  /** What it took; undefined: it has not ended, or it has failed. */
  readonly ms: number | undefined;
  readonly error: { readonly code: string; readonly message: string; readonly detail: string | undefined } | undefined;
  /** Milliseconds that it waited for a lock, at least; of a short wait the server says nothing. */
  readonly waited: number | undefined;
}

type Open = { -readonly [Key in keyof LoggedStatement]: LoggedStatement[Key] };

/** @param databases whose statements are meant; those of our own sessions never are */
export function readStatements(log: string, databases: readonly string[]): readonly LoggedStatement[] {
  const all: Open[] = [];
  const sessions = new Map<number, Session>();
  for (const record of parseLog(log)) {
    if (!databases.includes(record.database) || record.application.startsWith(APPLICATION)) continue;
    const session = sessions.get(record.pid) ?? new Session(all);
    sessions.set(record.pid, session);
    session.take(record);
  }
  return all;
}

/** One statement of a session runs at a time. */
class Session {
  readonly #all: Open[];
  #running: Open | undefined;
  /** What DETAIL, and of an error STATEMENT, is of. */
  #last: { readonly of: 'statement'; statement: Open } | { readonly of: 'error'; record: LogRecord } | undefined;
  #detail: string | undefined;

  constructor(all: Open[]) {
    this.#all = all;
  }

  take(record: LogRecord): void {
    const { level, message } = record;
    if (level === 'LOG') this.#takeLog(record);
    if (level === 'ERROR' || level === 'FATAL' || level === 'PANIC') {
      this.#last = { of: 'error', record };
      this.#detail = undefined;
    }
    if (level === 'DETAIL' && this.#last?.of === 'statement') {
      this.#last.statement.parameters = parametersOf(message);
    }
    if (level === 'DETAIL' && this.#last?.of === 'error') this.#detail = message;
    if (level === 'STATEMENT' && this.#last?.of === 'error') this.#fail(this.#last.record, message);
  }

  #takeLog(record: LogRecord): void {
    const { message } = record;
    const [began] = BEGAN.exec(message) ?? [];
    const [, ms] = DURATION.exec(message) ?? [];
    const [, waited] = WAITED.exec(message) ?? [];
    if (began !== undefined) this.#begin(record, message.slice(began.length));
    else if (ms !== undefined) this.#end(Number(ms));
    else {
      if (waited !== undefined && this.#running) this.#running.waited = Number(waited);
      this.#last = undefined;
    }
  }

  /** Without one that runs it is what parsing or binding has taken. */
  #end(ms: number): void {
    if (this.#running) this.#running.ms = ms;
    this.#running = undefined;
  }

  #begin({ at, pid, database, application }: LogRecord, sql: string): void {
    const statement: Open = {
      at,
      pid,
      database,
      application,
      sql,
      parameters: [],
      ms: undefined,
      error: undefined,
      waited: undefined,
    };
    this.#all.push(statement);
    this.#running = statement;
    this.#last = { of: 'statement', statement };
  }

  /** One that could not be parsed has not begun before. */
  #fail(record: LogRecord, sql: string): void {
    if (this.#running?.sql !== sql) this.#begin(record, sql);
    if (this.#running) {
      this.#running.error = { code: record.code, message: record.message, detail: this.#detail };
    }
    this.#running = undefined;
    this.#last = undefined;
  }
}

/** The name of a prepared statement may have colons. */
const BEGAN = /^(?:statement|execute [^\n]+?): /;
const DURATION = /^duration: ([\d.]+) ms$/;
/** Of a table's lock Postgres says where the table stands in the statement, too. */
const WAITED = /^process \d+ (?:still waiting for|acquired) .* after ([\d.]+) ms(?: at character \d+)?$/s;

/** Written as `$1 = 'it''s', $2 = NULL`. */
function parametersOf(detail: string): (string | null)[] {
  const [title] = /^[Pp]arameters: /.exec(detail) ?? [];
  if (title === undefined) return [];
  const found: (string | null)[] = [];
  for (let at = title.length; at < detail.length; ) {
    PARAMETER.lastIndex = at;
    const [name = '', value] = PARAMETER.exec(detail) ?? [];
    if (name === '') break;
    at += name.length;
    const end = value === "'" ? endOfQuoted(detail, at, "'") : at;
    const isClosed = detail.endsWith("'", end);
    found.push(value === "'" ? detail.slice(at, isClosed ? end - 1 : end).replaceAll("''", "'") : null);
    at = end;
  }
  return found;
}

const PARAMETER = /(?:, )?\$\d+ = (NULL|')/y;
