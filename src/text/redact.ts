// The one place that takes secrets out of what people get to see: those of this run by their value, all others by the
// shape in which they are printed. It takes time linear in the text's length.
import { hideKnown } from './known-secrets.ts';
import { hideNamed } from './named-secrets.ts';
import { isSecretName } from './secret-names.ts';

const HIDDEN = '***';

/** Every password, token and key in `text` as `***`. */
export function redact(text: string): string {
  const shapes = SHAPES.reduce(
    (all, [part, shape, hidden]) => (all.includes(part) ? all.replace(shape, hidden) : all),
    hideKnown(text, HIDDEN),
  );
  return hideNamed(shapes, HIDDEN);
}

/** Data of the user's, as rows are: also what stands under the name of a secret. */
export function redactData(value: unknown): unknown {
  return everyLeaf(value, '', (leaf, name) => {
    if (leaf === null || leaf === undefined || leaf === '' || typeof leaf === 'boolean') return leaf;
    if (isSecretName(name)) return HIDDEN;
    return typeof leaf === 'string' ? redact(leaf) : leaf;
  });
}

/** A copy of `value`, with what `change` makes of everything in it that is no object and no array. */
export function everyLeaf(value: unknown, name: string, change: (leaf: unknown, name: string) => unknown): unknown {
  if (typeof value !== 'object' || value === null) return change(value, name);
  if (Array.isArray(value)) return value.map((each) => everyLeaf(each, name, change));
  const copy: Record<string, unknown> = { ...value };
  for (const key of Object.keys(copy)) copy[key] = everyLeaf(copy[key], key, change);
  return copy;
}

const DATABASES = 'postgres|mysql|mariadb|mongodb|redis|amqp|mssql|sqlserver|cockroach';
/** The rest of the scheme and the user; slashes may be escaped, as PHP does in JSON. */
const USER = String.raw`[a-z0-9+.-]{0,30}:(?:\/\/|\\\/\\\/)[^\s:/]{0,500}`;

/** `{password}` of a template is none. */
const PASSWORD = String.raw`:(?!\{password\}@)`;

/** A part that such a text surely has, which is looked for first; the shape; what becomes of it. */
const SHAPES: readonly (readonly [string, RegExp, string])[] = [
  [
    '-----BEGIN ',
    /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    HIDDEN,
  ],
  // Of a database also where it is not encoded as it should be: with / ? or # in it.
  [
    '@',
    new RegExp(`\\b((?:${DATABASES})${USER})${PASSWORD}(?!\\d{1,5}(?:[/?"',]|\\s|$))[^\\s"<>]{1,1000}@`, 'gi'),
    `$1:${HIDDEN}@`,
  ],
  // What precedes the last @ of the authority.
  ['@', new RegExp(`\\b([a-z]${USER})${PASSWORD}[^\\s/?#]{0,5000}@`, 'gi'), `$1:${HIDDEN}@`],
  ['@', /\b(https?:\/\/)[^\s/@:?#]{1,500}@/gi, `$1${HIDDEN}@`],
  // The same, percent-encoded as a whole.
  [
    '%40',
    /\b([a-z][a-z0-9+.-]{0,30}%3A%2F%2F(?:[^\s&"%]|%(?!3A|40|2F)){0,500}%3A)(?:[^\s&"%]|%(?!2F|3F|23)){0,5000}%40/gi,
    `$1${HIDDEN}%40`,
  ],
  // A line of .pgpass: host:port:database:user:password.
  [
    ':',
    /(?<!\S)((?:\\.|[^\s:\\]){1,300}:(?:\d{2,5}|\*)(?::(?:\\.|[^\s:\\]){1,300}){2}:)(?!:|\*\*\*).+/g,
    `$1${HIDDEN}`,
  ],
  // Of an error of Postgres: a row of which it does not say what the columns are.
  [
    'Failing row contains (',
    /\b(Failing row contains \()(?:(?!Failing row contains)[\s\S]){0,20000}?(?=\)\.(?!\w)|$|Failing row contains)/g,
    `$1${HIDDEN}`,
  ],
  ["'", /\b(IDENTIFIED\s{1,9}BY\s{1,9})'(?:[^']|''){0,2000}'?/gi, `$1'${HIDDEN}'`],
  ['', /\b(Bearer\s{1,9})[\w.~+/=-]{8,}/gi, `$1${HIDDEN}`],
  ['npm_', /\bnpm_[A-Za-z0-9]{20,}/g, HIDDEN],
  // Tokens that tell what they are: JSON Web Tokens, GitHub's, GitLab's, npm's, Slack's, Stripe's, AWS's.
  ['eyJ', /\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*/g, HIDDEN],
  ['', /\b(?:gh[pousr]_|github_pat_|glpat-|xox[abprs]-|[sr]k_(?:live|test)_|AKIA)[\w-]{12,}/g, HIDDEN],
];
