// Which values of a statement that has the name of a secret are the secret's. It is told only of statements so plain that
// there is no doubt: an INSERT of VALUES into named columns, and columns that are compared with or set to one value each,
// between AND, OR and commas. A name that stands anywhere else may have given its value to another name.
import { mentionsSecret } from './secret-names.ts';
import type { Token } from './sql-tokens.ts';

/** A token, or a name with what it is qualified by: `u.password`. */
interface Term {
  readonly kind: Token['kind'];
  /** Of what may be a keyword in capitals. */
  readonly text: string;
  readonly depth: number;
  readonly isSecret: boolean;
  readonly token: Token;
}

/**
 * Undefined: it cannot be told.
 * @param tokens of one statement, without comments
 */
export function secretValues(tokens: readonly Token[]): readonly Token[] | undefined {
  const terms = termsOf(tokens);
  if (isWord(terms[0], 'INSERT')) return ofInsert(terms);
  return isWord(terms[0], 'SELECT', 'UPDATE', 'DELETE') ? ofPairs(terms) : undefined;
}

/** Whether it inserts into columns that it does not name. */
export function insertsByPlace(tokens: readonly Token[]): boolean {
  const terms = termsOf(tokens);
  return terms.some((term, index) => isWord(term, 'INSERT') && !columnsOf(terms, index));
}

function termsOf(tokens: readonly Token[]): Term[] {
  const terms: Term[] = [];
  let isQualified = false;
  for (const token of tokens) {
    const { kind, depth } = token;
    const text = kind === 'word' ? token.text.toUpperCase() : token.text;
    const isDot = kind === 'sign' && text === '.';
    const isSecret = namesSecret(token);
    const last = terms.at(-1);
    if (isQualified && last) terms.splice(-1, 1, { ...last, kind: 'name', isSecret: last.isSecret || isSecret });
    else if (!isDot || !isName(last)) terms.push({ kind, text, depth, isSecret, token });
    isQualified = isDot && isName(last);
  }
  return terms;
}

/** Without quotes a name may be written in any case; with escapes it cannot be read. */
export function namesSecret(token: Token): boolean {
  const { kind, text } = token;
  if (kind === 'word') return mentionsSecret(text) || mentionsSecret(text.toLowerCase()) || TAKES_SECRETS.test(text);
  return kind === 'name' && (mentionsSecret(text) || /^u&"/i.test(text));
}

/** Functions of pgcrypto; a prepared statement, whose columns are not at hand. */
const TAKES_SECRETS = /^(?:crypt|digest|hmac|(?:en|de)crypt(?:_iv)?|pgp_\w+|execute)$/i;

/** `INSERT INTO users (email, password) VALUES ($1, crypt($2, …)), (…) ON CONFLICT (email) DO UPDATE SET …` */
function ofInsert(terms: readonly Term[]): Token[] | undefined {
  const columns = columnsOf(terms, 0);
  if (!columns || terms.slice(0, columns.open).some(({ isSecret }) => isSecret)) return undefined;
  let next = columns.next + (isWord(terms[columns.next], 'OVERRIDING') ? 3 : 0);
  if (!isWord(terms[next], 'VALUES')) return undefined;
  const found: Token[] = [];
  do {
    const row = itemsOf(terms, next + 1);
    if (row.items.length !== columns.items.length) return undefined;
    for (const [place, item] of row.items.entries()) {
      if (columns.items[place]?.some(({ isSecret }) => isSecret)) found.push(...item.map(({ token }) => token));
      else if (item.some(({ isSecret }) => isSecret)) return undefined;
    }
    next = row.next;
  } while (isSign(terms[next], ','));
  if (isWord(terms[next], 'ON') && isSign(terms[next + 2], '(')) {
    const target = itemsOf(terms, next + 2);
    if (target.items.flat().some(isGiven)) return undefined;
    next = target.next;
  }
  const rest = ofPairs(terms.slice(next));
  return rest && [...found, ...rest];
}

interface List {
  readonly items: readonly (readonly Term[])[];
  readonly open: number;
  /** What follows it. */
  readonly next: number;
}

/** The columns that an INSERT names. */
function columnsOf(terms: readonly Term[], insert: number): List | undefined {
  let open = insert + 1;
  while (open < terms.length && !isSign(terms[open], '(') && !isWord(terms[open], 'INSERT', ...SOURCE)) open += 1;
  if (!isSign(terms[open], '(')) return undefined;
  const list = itemsOf(terms, open);
  const isNamed = list.items.every((item) => item.length === 1 && isName(item[0]));
  return isNamed && isWord(terms[list.next], ...SOURCE) ? list : undefined;
}

const SOURCE = ['VALUES', 'SELECT', 'WITH', 'TABLE', 'DEFAULT', 'OVERRIDING'];

/** What stands between the parenthesis at `open` and its other, by its commas. */
function itemsOf(terms: readonly Term[], open: number): List {
  if (!isSign(terms[open], '(')) return { items: [], open, next: open };
  const depth = (terms[open]?.depth ?? 0) + 1;
  const items: Term[][] = [[]];
  let at = open + 1;
  for (let term = terms[at]; term && term.depth >= depth; term = terms[++at]) {
    if (term.depth === depth && isSign(term, ',')) items.push([]);
    else items.at(-1)?.push(term);
  }
  return { items, open, next: at + 1 };
}

/** Of what is no INSERT, or follows its VALUES. */
function ofPairs(terms: readonly Term[]): Token[] | undefined {
  const found: Token[] = [];
  let isOutput = false;
  for (let at = 0; at < terms.length; at += 1) {
    const [before, term, sign, other, after] = [-1, 0, 1, 2, 3].map((by) => terms[at + by]);
    if (!term) break;
    if (term.depth === 0 && isWord(term, 'SELECT', 'RETURNING', 'FROM')) isOutput = term.text !== 'FROM';
    if (begins(before) && ends(after) && isPair(term, sign, other)) {
      if (term.isSecret || other?.isSecret) found.push(...[term, other].flatMap((each) => each?.token ?? []));
      at += 2;
    } else if (term.isSecret) {
      if (!isOutput || term.depth > 0 || !begins(before) || !ends(sign)) return undefined;
    } else if (isGiven(term) && !(isWord(before, 'LIMIT', 'OFFSET') && ends(sign))) return undefined;
  }
  return found;
}

/** Of two names either both are secrets or none is: what is compared with the one may be compared with the other, too. */
function isPair(left: Term, sign: Term | undefined, right: Term | undefined): boolean {
  if (!sign || !right) return false;
  if (!isWord(sign, 'AS') && !/^(?:[=<>]|[<>]=|<>|!=)$/.test(sign.text)) return false;
  if (isName(left) && isName(right)) return left.isSecret === right.isSecret || isWord(right, 'NULL', 'DEFAULT');
  if (isWord(sign, 'AS')) return false;
  if (isName(left) || isName(right)) return isGiven(left) || isGiven(right);
  return /^\d+$/.test(left.text) && /^\d+$/.test(right.text); // 1 = 1
}

function begins(before: Term | undefined): boolean {
  return (
    isWord(before, 'WHERE', 'AND', 'OR', 'SET', 'ON', 'HAVING', 'SELECT', 'DISTINCT', 'RETURNING') ||
    isSign(before, ',', '(')
  );
}

function ends(after: Term | undefined): boolean {
  if (!after || isSign(after, ',', ')')) return true;
  return isWord(after, 'AND', 'OR', 'WHERE', 'RETURNING', 'ORDER', 'GROUP', 'HAVING', 'LIMIT', 'OFFSET', 'FOR', 'FROM');
}

function isName(each: Pick<Token, 'kind'> | undefined): boolean {
  return each?.kind === 'word' || each?.kind === 'name';
}

function isGiven({ kind }: Term): boolean {
  return kind === 'value' || kind === 'parameter';
}

function isWord(term: Term | undefined, ...words: readonly string[]): boolean {
  return term?.kind === 'word' && words.includes(term.text);
}

function isSign(term: Term | undefined, ...signs: readonly string[]): boolean {
  return term?.kind === 'sign' && signs.includes(term.text);
}
