// SQL, split into what matters for showing and comparing statements. Text that is no SQL has tokens, too. It takes time
// linear in the text's length, and no regular expression runs over a literal: of megabytes, that overflows its stack.
import { endOfQuoted } from './quoted.ts';

export interface Token {
  /** `value`: a literal; `parameter`: `$1`; `word`: a keyword or a name; `name`: a quoted one, without its quotes. */
  readonly kind: 'word' | 'name' | 'value' | 'parameter' | 'sign' | 'comment';
  readonly text: string;
  /** Where it begins in the statement, and where what follows it does. */
  readonly at: number;
  readonly end: number;
  /** In how many parentheses it is; those themselves are outside. */
  readonly depth: number;
}

/** Characters of a statement that are looked at: nobody reads more. */
export const LONGEST_SQL = 50_000;

export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (let at = next(sql, 0); at < sql.length; at = next(sql, tokens.at(-1)?.end ?? sql.length)) {
    const { kind, end } = tokenAt(sql, at);
    const text = sql.slice(at, end);
    if (text === ')') depth = Math.max(0, depth - 1);
    tokens.push({ kind, text: kind === 'name' ? unquoted(text) : text, at, end, depth });
    if (text === '(') depth += 1;
  }
  return tokens;
}

function next(sql: string, from: number): number {
  return from + length(SPACE, sql, from);
}

function tokenAt(sql: string, at: number): Pick<Token, 'kind' | 'end'> {
  const ofLength = (kind: Token['kind'], characters: number) => ({ kind, end: at + characters });
  if (sql.startsWith('--', at)) return ofLength('comment', length(REST_OF_LINE, sql, at));
  if (sql.startsWith('/*', at)) return { kind: 'comment', end: endOfComment(sql, at) };
  const literal = length(LITERAL, sql, at);
  if (literal > 0) return { kind: 'value', end: endOfLiteral(sql, at + literal, /^e/i.test(sql.charAt(at))) };
  const name = length(NAME, sql, at);
  if (name > 0) return { kind: 'name', end: endOfQuoted(sql, at + name, '"') };
  const dollars = length(DOLLARS, sql, at);
  if (dollars > 0) {
    const close = sql.indexOf(sql.slice(at, at + dollars), at + dollars);
    return { kind: 'value', end: close < 0 ? sql.length : close + dollars };
  }
  for (const [kind, pattern] of SHORT) {
    const characters = length(pattern, sql, at);
    if (characters > 0) return ofLength(kind, characters);
  }
  return ofLength('sign', 1);
}

const SPACE = /\s*/y;
const REST_OF_LINE = /[^\n\r]*/y;
const LITERAL = /(?:[ebxn]|u&)?'/iy;
const NAME = /(?:u&)?"/iy;
const DOLLARS = /\$(?:[A-Za-z_\x80-\uffff][\w\x80-\uffff]*)?\$/y;
const SHORT = [
  ['value', /\d[\w.]*/y],
  ['parameter', /\$\d+/y],
  ['word', /[A-Za-z_\x80-\uffff][\w$\x80-\uffff]*/y],
  ['sign', /(?:(?!--|\/\*)[-+*/<>=~!@#%^&|?:]){1,60}/y],
] as const;
/** A literal goes on after a line end. */
const CONTINUED = /[^\S\n\r]*[\n\r]\s*'/y;

function length(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  return pattern.test(text) ? pattern.lastIndex - at : 0;
}

/** With `standard_conforming_strings` off a backslash escapes a quote: the literal may be all that follows. */
function endOfLiteral(sql: string, from: number, escapes: boolean): number {
  for (let at = from; ; ) {
    const end = endOfQuoted(sql, at, "'", escapes);
    if (!escapes && sql.slice(at, end).includes("\\'")) return sql.length;
    const more = length(CONTINUED, sql, end);
    if (more === 0) return end;
    at = end + more;
  }
}

/** There are comments in comments. */
function endOfComment(sql: string, from: number): number {
  const marks = /\/\*|\*\//g;
  marks.lastIndex = from;
  let depth = 0;
  for (let mark = marks.exec(sql); mark; mark = marks.exec(sql)) {
    depth += mark[0] === '/*' ? 1 : -1;
    if (depth === 0) return marks.lastIndex;
  }
  return sql.length;
}

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1).replace(/"$/, '').replaceAll('""', '"') : word;
}
