// What Postgres says of a statement that failed, as people get to see it: its messages have values of the statement.
import { mentionsSecret } from './secret-names.ts';

export interface PostgresError {
  /** SQLSTATE. */
  readonly code: string;
  readonly message: string;
  readonly detail: string | undefined;
}

const HIDDEN = '***';

/** @param values `hide` also where a value of the statement is hidden: it may be in the message */
export function shownError({ code, message, detail }: PostgresError, values: 'show' | 'hide'): string {
  const isHidden = values === 'hide' || mentionsSecret(message);
  const said = isHidden ? withoutValues(code, message) : message;
  return [`${code}: ${said}`, detail && shownDetail(detail, values)].filter(Boolean).join(' ');
}

/** What is quoted is a value, or a part of the statement, but for what is said to be a name. What an application raises may be anything. */
function withoutValues(code: string, message: string): string {
  if (!/^(?:[0-5A-H]|XX)/.test(code)) return HIDDEN;
  const first = message.replace(NAME, (name) => ' '.repeat(name.length)).indexOf('"');
  const last = message.lastIndexOf('"');
  if (first < 0) return message;
  return `${message.slice(0, first)}"${HIDDEN}"${last > first ? message.slice(last + 1) : ''}`;
}

const NAME =
  /\b(?:relation|table|column|constraint|index|sequence|view|function|trigger|type|schema|extension|role|database|savepoint|cursor|parameter) "[^"\n]*"/g;

/** Only those of which it is known what they say: others may be rows, statements, or what an application raises. */
function shownDetail(detail: string, values: 'show' | 'hide'): string | undefined {
  if (detail.length > LONGEST_DETAIL) return undefined;
  if (REASON.test(detail)) return detail;
  const waits = detail.split('\n').filter((line) => WAITS.test(line));
  return waits.length > 0 ? waits.join('\n') : shownKey(detail, values);
}

const LONGEST_DETAIL = 10_000;
const REASON = /^Reason code: [\w ,]+\.$/;
/** Of a deadlock; the lines with statements are left out. */
const WAITS = /^Process \d+ waits for \w+ on [\w ,()[\]]+; blocked by process \d+\.$/;

/** `Key (lower(email))=(a@b.c) already exists.` */
function shownKey(detail: string, values: 'show' | 'hide'): string | undefined {
  const columns = detail.indexOf(')=(');
  const end = KEY_END.exec(detail)?.[0] ?? (CONFLICTS.test(detail) ? ') conflicts with an existing key.' : undefined);
  if (!detail.startsWith('Key (') || columns < 0 || end === undefined) return undefined;
  return values === 'hide' || mentionsSecret(detail) ? `${detail.slice(0, columns)})=(${HIDDEN}${end}` : detail;
}

const KEY_END =
  /\) (?:already exists|is duplicated|is not present in table "[^"\n]*"|is still referenced from table "[^"\n]*")\.$/;
const CONFLICTS = /\) conflicts with existing key \(/;
