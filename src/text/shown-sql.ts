// SQL as people get to see it, wherever it is shown: without any values, or without those of what is named like a secret.
// Where it cannot be told which these are, without any.
import { insertsByPlace, namesSecret, secretValues } from './plain-sql.ts';
import { mentionsSecret } from './secret-names.ts';
import { LONGEST_SQL, type Token, tokensOf } from './sql-tokens.ts';

export interface Sql {
  readonly sql: string;
  /** `$1` is the first; null is NULL. */
  readonly parameters: readonly (string | null)[];
}

export interface ShownSql extends Sql {
  /** Nothing is hidden. */
  readonly isWhole: boolean;
}

const HIDDEN = '***';

/** Of long SQL the beginning, without values: what they are of may stand in the rest. */
export function shownSql({ sql, parameters }: Sql, values: 'show' | 'hide'): ShownSql {
  const beginning = sql.slice(0, LONGEST_SQL);
  const statements = statementsOf(tokensOf(beginning)).map(withSetting);
  const tokens = statements.flat();
  const left = sql.length - beginning.length;
  const none = values === 'hide' || left > 0 || parameters.some((value) => value !== null && mentionsSecret(value));
  const hidden = new Set(none ? tokens : statements.flatMap(hiddenOf));
  const numbers = new Set(
    [...hidden].flatMap(({ kind, text }) => (kind === 'parameter' ? [Number(text.slice(1))] : [])),
  );
  return {
    sql: without(hidden, beginning, tokens) + (left > 0 ? ` … (${left} characters)` : ''),
    parameters: parameters.map((value, at) => (value !== null && (none || numbers.has(at + 1)) ? HIDDEN : value)),
    isWhole: hidden.size === 0,
  };
}

/** Of what is not shown for its values. */
export function sqlWithoutValues(sql: string): string {
  return shownSql({ sql, parameters: [] }, 'hide').sql;
}

function without(hidden: ReadonlySet<Token>, sql: string, tokens: readonly Token[]): string {
  const parts: string[] = [];
  let from = 0;
  for (const token of tokens) {
    if (!hidden.has(token) || !(token.kind === 'value' || token.kind === 'comment')) continue;
    parts.push(sql.slice(from, token.at), token.kind === 'value' ? `'${HIDDEN}'` : '');
    from = token.end;
  }
  return parts.join('') + sql.slice(from);
}

function statementsOf(tokens: readonly Token[]): readonly (readonly Token[])[] {
  const statements: Token[][] = [[]];
  for (const token of tokens) {
    if (token.kind === 'sign' && token.text === ';' && token.depth === 0) statements.push([]);
    else statements.at(-1)?.push(token);
  }
  return statements;
}

/** The words after `SET app.token TO` are values, too. */
function withSetting(statement: readonly Token[]): readonly Token[] {
  const isWord = ({ kind, text }: Token, words: RegExp) => kind !== 'name' && kind !== 'value' && words.test(text);
  const first = statement.find(({ kind }) => kind !== 'comment');
  if (!first || !isWord(first, /^(?:SET|ALTER|CREATE)$/i)) return statement;
  const set = statement.findIndex((token) => isWord(token, /^SET$/i));
  const sign = statement.findIndex((token, at) => at > set && isWord(token, /^(?:TO|=)$/i));
  if (set < 0 || sign < 0) return statement;
  return statement.map((token, at) =>
    at > sign && (token.kind === 'word' || token.kind === 'name') ? { ...token, kind: 'value' } : token,
  );
}

function hiddenOf(statement: readonly Token[]): readonly Token[] {
  const tokens = statement.filter(({ kind }) => kind !== 'comment');
  const texts = statement.filter(({ kind }) => kind === 'comment' || kind === 'value');
  // A text may say what others are: `jsonb_build_object('password', 'a')`.
  if (texts.some(({ text }) => mentionsSecret(text))) return statement;
  if (!tokens.some(namesSecret) && !insertsByPlace(tokens)) return [];
  return secretValues(tokens) ?? statement;
}
