// Values that stand behind the name of a secret, however a program writes that: NAME=value, JSON (also within JSON),
// util.inspect, YAML, libpq's keywords, a query's parameters, headers, SQL, XML.
import { secretNamesIn } from './secret-names.ts';

/** The text with every such value replaced by `hidden`. */
export function hideNamed(text: string, hidden: string): string {
  let shown = '';
  let from = 0;
  for (const { index, 0: name } of secretNamesIn(text)) {
    if (index < from) continue;
    const value = findValue(text, index, name);
    if (!value) continue;
    shown += text.slice(from, value.from) + hidden;
    from = value.to;
  }
  return shown + text.slice(from);
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** Where the value of the name at `index` stands; undefined: none follows, or it says that there is none. */
function findValue(text: string, index: number, name: string): Range | undefined {
  const end = index + name.length;
  const bare = text[end] === '=' ? bareValue(text, index, name) : undefined;
  if (bare) return unquoted(bare, text, end + 1);
  const named = match(SEPARATOR, text, end);
  const separator = named ?? (PASSWORD.test(name) ? match(SPACE, text, end) : undefined);
  if (!separator) return keyValue(text, end);
  if (separator[2] === '>' && !/<[\w.:-]*$/.test(textBefore(text, index))) return undefined;
  const at = end + separator[0].length;
  const open = match(OPEN, text, at);
  if (open) return quoted(text, at, open[0], named ? 'escaped' : 'doubled');
  return separator[3]?.includes('\n') ? undefined : unquoted(plain(name, separator), text, at);
}

/**
 * Of an error of Postgres with several columns, the name of one of which ends at `end`: `Key (email, lower(token))=(a@b.c, x)
 * already exists.` It ends as in English, else at the line's last parenthesis.
 */
function keyValue(text: string, end: number): Range | undefined {
  const [columns = ''] = match(REST_OF_COLUMNS, text, end) ?? [];
  if (columns.split(')').length <= columns.split('(').length) return undefined;
  const from = end + columns.length + 1;
  const near = text.slice(from, from + LONGEST_KEY);
  const to = near.search(/\) (?:already exists|conflicts with|is (?:duplicated|not present|still referenced))\b/);
  if (to >= 0) return { from, to: from + to };
  const [line = ''] = near.split('\n', 1);
  return { from, to: from + (line.includes(')') ? line.lastIndexOf(')') : line.length) };
}

const REST_OF_COLUMNS = /[^\n=]{0,500}?\)=(?=\()/y;
/** Characters; there may be line ends among them. */
const LONGEST_KEY = 3_000;

/** Where quotes are part of the value: in a URL's parameters, and in what `env` prints, where it is all of the line. */
function bareValue(text: string, index: number, name: string): RegExp | undefined {
  const before = textBefore(text, index);
  if (/[?&][\w.-]*$/.test(before)) return PARAMETER;
  const isVariable = /(?:^|\n)(?:export |declare -x |set )?[A-Z0-9_]*$/.test(before) && /^[A-Z0-9_]+$/.test(name);
  return isVariable ? REST_OF_LINE : undefined;
}

function textBefore(text: string, index: number): string {
  return text.slice(Math.max(0, index - 100), index);
}

function unquoted(pattern: RegExp, text: string, at: number): Range | undefined {
  const value = match(pattern, text, at);
  return value && !NOTHING.test(value[0]) ? { from: at, to: at + value[0].length } : undefined;
}

const PASSWORD = /^passw(?:or)?d$/i;
/** A quote that closes the name, and what stands between name and value. */
const SEPARATOR = /((?:\\*["'`]|&quot;|&#34;|&#39;|&#x27;)?)\]?[^\S\n]*(=>|:=|=(?!=\s)|:(?!:)|%3D|>(?=[^<>\s]))(\s*)/iy;
/** In SQL, and on a command line. */
const SPACE = /(\s+)(?=E?\\*')/iy;
const OPEN = /E?(?:\\*["'`]|&quot;|&#34;|&#39;|&#x27;)/y;
const CONCATENATED = /\s*\+\s*(?=["'`])/y;

/**
 * From the quote `open` to the one that closes it: as many backslashes before it, none of which is itself escaped. In SQL,
 * where quotes are doubled, a backslash may be one: of two quotes after it none is taken for the end.
 */
function quoted(text: string, at: number, open: string, how: 'escaped' | 'doubled'): Range | undefined {
  const from = at + open.length;
  const quote = open.startsWith('&') ? open : open.slice(-1);
  const depth = open.startsWith('&') ? 0 : open.replace('E', '').length - 1;
  for (let to = text.indexOf(quote, from); to >= 0; to = text.indexOf(quote, to + quote.length)) {
    const escapes = open.startsWith('&') ? 0 : backslashesBefore(text, to, from);
    if (escapes % (2 * depth + 2) !== depth) {
      if (how === 'doubled' && quote === "'" && text[to + 1] === "'") to += 1;
      continue;
    }
    if (quote === "'" && depth === 0 && text[to + 1] === "'")
      to += 1; // 'it''s'
    else {
      const more = match(CONCATENATED, text, to + 1);
      if (!more) return PLACEHOLDER.test(text.slice(from, to - depth)) ? undefined : { from, to: to - depth };
      to += more[0].length + 1;
    }
  }
  return from < text.length ? { from, to: text.length } : undefined;
}

function backslashesBefore(text: string, at: number, from: number): number {
  let first = at;
  while (first > from && text[first - 1] === '\\') first -= 1;
  return at - first;
}

/** How far a value without quotes goes. */
function plain(name: string, [, closing, sign = '', space]: RegExpExecArray): RegExp {
  if (closing) return JSON_VALUE;
  if (/^(?:authorization|cookie)$/i.test(name)) return REST_OF_LINE;
  if (sign === '>') return XML_VALUE;
  if (sign.startsWith('%')) return ENCODED_VALUE;
  return sign.startsWith('=') || space === '' ? WORD : ALONE;
}

const JSON_VALUE = /[^\s,}\]]+/y;
const REST_OF_LINE = /[^\n]+/y;
const XML_VALUE = /[^<\n]+/y;
const ENCODED_VALUE = /(?:[^\s&"%]|%(?!2[0236]))+/iy;
const PARAMETER = /[^\s&#"`<>]+/y;
const WORD = /(?:\\[^\n]|[^\s\\])+/y;
/** After a colon and a space there may be prose; a single word is none, nor one in a list. */
const ALONE = /\S+(?=[^\S\n]*(?:\n|$))|[^\s,;}\])]+(?=[,;}\])])/y;
/** What says that there is none, that it is hidden already, or that it is to be filled in. */
const NOTHING = /^(?:\*\*\*|null|undefined|true|false|None|nil|\{password\})[',;}\])]*$|^\[(?:object|Function)/;

/** Nothing, or what is to be filled in. */
const PLACEHOLDER = /^(?:\{password\})?$/;

function match(pattern: RegExp, text: string, at: number): RegExpExecArray | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text) ?? undefined;
}
