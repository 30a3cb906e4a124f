// Takes the values of columns that are named like secrets out of a statement: literals and parameters. Where it cannot be
// told which value is whose, all of them go.
import { isSecretName } from '../../text/secret-names.ts';
import { type Token, tokensOf } from './sql-tokens.ts';

export interface Values {
  readonly sql: string;
  readonly parameters: readonly (string | null)[];
}

const HIDDEN = '***';

export function withoutSecretValues(values: Values): Values {
  const tokens = tokensOf(values.sql).filter(({ kind }) => kind !== 'comment');
  const hidden = tokens.flatMap((token, index) => {
    if (isWord(token, 'INSERT')) return inserted(tokens, index);
    if (isWord(token, 'EXECUTE')) return rest(tokens, index);
    return isSecret(token) ? [...comparedTo(tokens, index), ...ofItsList(tokens, index)] : [];
  });
  return hide(values, hidden);
}

/** All of them. */
export function withoutValues(values: Values): Values {
  return hide(values, tokensOf(values.sql));
}

/** Of an error: `Key (email, token)=(a@b.c, 123) already exists.` */
export function withoutSecretKeys(detail: string): string | undefined {
  if (/^Failing row contains/.test(detail)) return undefined; // it does not say of which columns
  return detail.replace(/\(([^()]*)\)=\((.*)\)/g, (all, columns: string) =>
    columns.split(/\W+/).some(isSecretName) ? `(${columns})=(${HIDDEN})` : all,
  );
}

function isSecret({ kind, text }: Token): boolean {
  return kind === 'word' && isSecretName(text);
}

function hide({ sql, parameters }: Values, tokens: readonly Token[]): Values {
  const numbers = new Set(tokens.flatMap(({ kind, text }) => (kind === 'parameter' ? [Number(text.slice(1))] : [])));
  const literals = new Map(tokens.flatMap((token) => (token.kind === 'value' ? [[token.at, token] as const] : [])));
  let shown = '';
  let from = 0;
  for (const [at, { text }] of [...literals].sort(([one], [other]) => one - other)) {
    shown += `${sql.slice(from, at)}'${HIDDEN}'`;
    from = at + text.length;
  }
  const kept = parameters.map((value, index) => (value !== null && numbers.has(index + 1) ? HIDDEN : value));
  return { sql: shown + sql.slice(from), parameters: kept };
}

/** `INSERT INTO users (email, password) VALUES ($1, crypt($2, …)), (…)`: what stands at the columns' places. */
function inserted(tokens: readonly Token[], insert: number): Token[] {
  const depth = tokens[insert]?.depth ?? 0;
  const next = (from: number, is: (token: Token) => boolean) =>
    tokens.findIndex((token, at) => at > from && token.depth === depth && is(token));
  const from = next(insert, (token) => isWord(token, 'VALUES', 'SELECT', 'DEFAULT', 'WITH'));
  const open = next(insert, ({ text }) => text === '(');
  const hasColumns = open >= 0 && (from < 0 || open < from);
  const columns = hasColumns ? items(tokens, open) : [];
  const secret = columns.flatMap((each, place) => (each.some(isSecret) ? [place] : []));
  if (hasColumns && secret.length === 0) return [];
  if (!hasColumns || !isWord(tokens[from], 'VALUES')) return rest(tokens, insert);
  const rows = tokens.flatMap(({ text, depth: at }, index) =>
    index > from && text === '(' && at === depth ? [index] : [],
  );
  return rows.flatMap((row) => secret.flatMap((place) => items(tokens, row)[place] ?? []));
}

/** What stands between the parenthesis at `open` and its other, by its commas. */
function items(tokens: readonly Token[], open: number): Token[][] {
  const depth = (tokens[open]?.depth ?? 0) + 1;
  const found: Token[][] = [[]];
  for (const token of tokens.slice(open + 1)) {
    if (token.depth < depth) break;
    if (token.depth === depth && token.text === ',') found.push([]);
    else found.at(-1)?.push(token);
  }
  return found;
}

/** All that follows, until the statement ends. */
function rest(tokens: readonly Token[], from: number): Token[] {
  const end = tokens.findIndex(({ text }, at) => at > from && text === ';');
  return tokens.slice(from, end < 0 ? undefined : end);
}

/** Of a secret that something is compared with, set to or given to: all of that. */
function comparedTo(tokens: readonly Token[], index: number): Token[] {
  const { depth = 0 } = tokens[index] ?? {};
  if (!isJoined(tokens[index + 1]) && !isJoined(tokens[index - 1])) return [];
  const isEnd = (each: Token) => each.depth < depth || (each.depth === depth && BOUNDARY.test(each.text));
  const after = tokens.slice(index + 1);
  const end = after.findIndex(isEnd);
  const begin = tokens.slice(0, index).findLastIndex(isEnd);
  return [...tokens.slice(begin + 1, index), ...(end < 0 ? after : after.slice(0, end))];
}

/** `(email, token) = ($1, $2)`, `(email, token) IN (($1, $2))`: all of what the list is compared with or set to. */
function ofItsList(tokens: readonly Token[], index: number): Token[] {
  const { depth = 0 } = tokens[index] ?? {};
  const close = tokens.findIndex((each, at) => at > index && each.depth < depth);
  const sign = tokens[close + 1];
  if (close < 0 || !sign || !(sign.text === '=' || isWord(sign, 'IN'))) return [];
  const open = tokens.findIndex((each, at) => at > close && each.text === '(');
  return open < 0 ? rest(tokens, close) : items(tokens, open).flat();
}

const BOUNDARY = /^(?:,|;|AND|OR|WHERE|SET|RETURNING|FROM|VALUES|ON|HAVING|ORDER|GROUP|LIMIT|SELECT|THEN|WHEN|ELSE)$/i;
const OPERATOR = /^(?:[-+/<>=~!@#%^&|?:]+|\(|LIKE|ILIKE|IN|IS|NOT|ANY|SIMILAR|BETWEEN)$/i;

function isJoined(token: Token | undefined): boolean {
  return token !== undefined && (token.kind === 'value' || token.kind === 'parameter' || OPERATOR.test(token.text));
}

function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toUpperCase());
}
