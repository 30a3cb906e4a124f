// The server's log as an embedded server writes it: a record begins a line, whatever follows it is indented by a tab.

/** `log_line_prefix`. No value in it has a tab. */
export const LOG_PREFIX = '%m [%p] %d %e %a\t';

/** The settings by which it has every statement: that it begins, with its parameters, and how long it has taken. */
export const LOG_STATEMENTS = {
  log_statement: 'all',
  log_duration: 'on',
  log_lock_waits: 'on',
  log_parameter_max_length: '-1',
} as const;

export interface LogRecord {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly pid: number;
  readonly database: string;
  /** SQLSTATE. */
  readonly code: string;
  readonly application: string;
  /** LOG, ERROR, FATAL, DETAIL, STATEMENT, … */
  readonly level: string;
  readonly message: string;
}

const RECORD =
  /^(\d{4}-\d\d-\d\d) (\d\d:\d\d:\d\d\.\d{3}) UTC \[(\d+)\] (\S*) ([0-9A-Z]{5}) ([^\t\n]*)\t([A-Z]+): {2}([\s\S]*)$/;

/** What is no whole record, as at a cut, is left out. */
export function* parseLog(text: string): Generator<LogRecord> {
  for (let from = 0; from < text.length; ) {
    const to = recordEnd(text, from);
    const [, day, time, pid, database = '', code = '', application = '', level = '', message = ''] =
      RECORD.exec(text.slice(from, to)) ?? [];
    const at = Date.parse(`${day}T${time}Z`);
    if (!Number.isNaN(at)) {
      yield { at, pid: Number(pid), database, code, application, level, message: message.replaceAll('\n\t', '\n') };
    }
    from = to + 1;
  }
}

/** Where the line feed is that no tab follows. */
function recordEnd(text: string, from: number): number {
  for (let at = text.indexOf('\n', from); at >= 0; at = text.indexOf('\n', at + 1)) {
    if (text[at + 1] !== '\t') return at;
  }
  return text.length;
}
