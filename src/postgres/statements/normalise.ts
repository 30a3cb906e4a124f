// Which statements are the same but for their values.
import { LONGEST_SQL, tokensOf } from '../../text/sql-tokens.ts';

/** The statement without its values, comments and line ends; a list of values is as long as any other. Of a long one it is the beginning. */
export function normalise(sql: string): string {
  const words = tokensOf(sql.slice(0, LONGEST_SQL))
    .filter(({ kind }) => kind !== 'comment')
    .map(({ kind, text }) => (kind === 'value' || kind === 'parameter' ? '?' : text));
  return words
    .join(' ')
    .replace(/(\() | (?=[),;])| (\.) /g, '$1$2')
    .replace(/\?(?:, \?)+/g, '?')
    .trim();
}

/** The trace that a comment in the manner of sqlcommenter names. */
export function traceOf(sql: string): string | undefined {
  return /traceparent='[0-9a-f]{2}-([0-9a-f]{32})-/.exec(sql)?.[1];
}
