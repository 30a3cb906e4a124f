// SQL, split into what matters for showing and comparing statements. Text that is no SQL has tokens, too.

export interface Token {
  /** `value`: a literal; `parameter`: `$1`; `word`: a keyword or a name, without its quotes. */
  readonly kind: 'word' | 'value' | 'parameter' | 'sign' | 'comment';
  readonly text: string;
  /** Where it begins in the statement. */
  readonly at: number;
  /** In how many parentheses it is; those themselves are outside. */
  readonly depth: number;
}

const TOKENS = new RegExp(
  [
    String.raw`(?<comment>--[^\n]*|\/\*[\s\S]*?(?:\*\/|$))`,
    String.raw`(?<value>[eE]'(?:[^'\\]|''|\\[\s\S])*(?:'|$)|(?:[bBxXnN]|[uU]&)?'(?:[^']|'')*(?:'|$)|\$(?<tag>\w*)\$[\s\S]*?(?:\$\k<tag>\$|$)|\d[\w.]*)`,
    String.raw`(?<parameter>\$\d+)`,
    String.raw`(?<word>"(?:[^"]|"")*(?:"|$)|[\p{L}_][\p{L}\p{N}_$]*)`,
    String.raw`(?<sign>[-+*/<>=~!@#%^&|?:]+|\S)`,
  ].join('|'),
  'gu',
);

export function tokensOf(sql: string): readonly Token[] {
  const tokens: Token[] = [];
  let depth = 0;
  for (const match of sql.matchAll(TOKENS)) {
    const { index, groups = {} } = match;
    const kind = KINDS.find((each) => groups[each] !== undefined) ?? 'sign';
    const text = match[0];
    if (text === ')') depth = Math.max(0, depth - 1);
    tokens.push({ kind, text: kind === 'word' ? unquoted(text) : text, at: index, depth });
    if (text === '(') depth += 1;
  }
  return tokens;
}

const KINDS = ['comment', 'value', 'parameter', 'word', 'sign'] as const;

function unquoted(word: string): string {
  return word.startsWith('"') ? word.slice(1).replace(/"$/, '').replaceAll('""', '"') : word;
}
