// Names that say that what they name is a secret: `DB_PASSWORD`, `apiKey`, `access_token`.

/** Whether `name`, of a variable, a column or a property, is one of a secret. */
export function isSecretName(name: string): boolean {
  return WHOLE.test(name);
}

/** Whether there is one in `text`. */
export function mentionsSecret(text: string): boolean {
  return HINT.test(text) && ANYWHERE.test(text);
}

/** Those in text, from the word that says it to the end of the name. */
export function secretNamesIn(text: string): Iterable<RegExpExecArray> {
  return HINT.test(text) ? text.matchAll(ALL) : [];
}

// A word ends where it does in camelCase, snake_case and CAPITALS: `tokens: 512` and `secretary` are no secrets.
const word = (...words: readonly string[]) =>
  words.map((each) => {
    const [first = '', rest] = [each.charAt(0), each.slice(1)];
    return `[${first}${first.toUpperCase()}]${rest}(?![a-z])|${each.toUpperCase()}(?![A-Z])`;
  });
const keyOf = (...kinds: readonly string[]) =>
  kinds.map((kind) => {
    const [first = '', rest] = [kind.charAt(0), kind.slice(1)];
    return `[${first}${first.toUpperCase()}]${rest}[_-]?[Kk]ey(?![a-z])|${kind.toUpperCase()}[_-]?KEY(?![A-Z])`;
  });
const WORDS = [
  ...word(
    'password',
    'passwd',
    'passphrase',
    'secret',
    'token',
    'credential',
    'credentials',
    'authorization',
    'cookie',
  ),
  ...keyOf('api', 'access', 'private', 'signing', 'encryption', 'master'),
  // Short ones stand alone: no `bypass`, no `compass`; PWD is the working directory.
  '(?<![A-Za-z])[Pp](?:ass|wd)(?![A-Za-z])',
  '(?<=[a-z0-9])P(?:ass|wd)(?![a-z])',
  '(?<![A-Z])PASS(?![A-Z])',
  '(?<=[A-Z]_)PWD(?![A-Z])',
].join('|');
const NAME = `(?:${WORDS})[\\w-]{0,60}`;
/** A part of each of them, which is found much faster: most texts have none. */
const HINT = /pass|pwd|secret|token|credential|authorization|cookie|key/i;
const ALL = new RegExp(NAME, 'g');
const ANYWHERE = new RegExp(WORDS);
const WHOLE = new RegExp(`(?:${WORDS})[\\w-]*$`);
