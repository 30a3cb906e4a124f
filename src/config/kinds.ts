// The kinds of values that options have. Every message completes "`path` must be …".
import type { ZodType, z as zod } from 'zod';
import { redact } from '../text/redact.ts';
import { nearest } from './nearest.ts';
import { isEnvValue } from './own-env.ts';

export interface Kinds {
  readonly text: ZodType<string>;
  readonly word: ZodType<string>;
  readonly strings: ZodType<string[]>;
  readonly boolean: ZodType<boolean>;
  readonly milliseconds: ZodType<number>;
  /** Milliseconds, or 0. */
  readonly timeout: ZodType<number>;
  readonly count: ZodType<number>;
  /** How often; 0 is never. */
  readonly times: ZodType<number>;
  readonly port: ZodType<number>;
  readonly regExp: ZodType<RegExp>;
  readonly postgresUrl: ZodType<string>;
  readonly task: ZodType;
  readonly path: ZodType<string>;
  readonly pathOrFunction: ZodType;
  readonly headers: ZodType<Record<string, string>>;
  /** A server's `env`. */
  readonly env: ZodType;
  /** A server's `copy`. */
  readonly copies: ZodType;
  /** A database's `env`. */
  readonly variables: ZodType;
  readonly oneOf: <Word extends string>(words: readonly Word[]) => ZodType<Word>;
  /** An object with these keys and no others. */
  readonly object: (shape: Readonly<Record<string, ZodType>>) => ZodType;
  /** An object whose keys are names that the user chooses. */
  readonly byName: (of: ZodType) => ZodType;
  readonly either: (what: string, ...alternatives: [ZodType, ...ZodType[]]) => ZodType;
}

export function kinds(z: typeof zod): Kinds {
  const either: Kinds['either'] = (what, ...alternatives) => z.union(alternatives, must(what));
  const text = matching('a non-empty string', /\S/);
  const path = matching('a path that begins with `/`', /^\//);
  const aFunction = z.custom((value) => typeof value === 'function');
  const variable = matching('the name of an environment variable', /^[A-Za-z_]\w*$/);
  const aString = z.string({ error: 'must be a string' }); // Without the value, which may be a secret.
  const envValue = z.custom(isEnvValue, { error: 'must be a string, a number, true or false' });
  return {
    text,
    word: matching('letters, digits, `-` or `_`', /^[\w-]+$/),
    strings: z.array(text, must('an array of non-empty strings')),
    boolean: z.boolean(must('true or false')),
    milliseconds: z.number(must(MILLISECONDS)).positive(must(MILLISECONDS)),
    timeout: z.number(must('a number of milliseconds')).nonnegative(must('a number of milliseconds')),
    count: whole('a whole number above 0', 2047),
    times: z
      .number(must('a whole number, or 0'))
      .refine((n) => Number.isInteger(n) && n >= 0, must('a whole number, or 0')),
    port: whole('a port number', 65535),
    regExp: z.instanceof(RegExp, must('a regular expression')),
    postgresUrl: z
      .string(must(POSTGRES_URL))
      .refine((url) => /^postgres(ql)?:\/\//.test(url) && URL.canParse(url), must(POSTGRES_URL)),
    task: either('a shell command or a function', text, aFunction),
    path,
    pathOrFunction: either('a path that begins with `/`, or a function', path, aFunction),
    headers: z.record(z.string(), aString, { error: 'must be an object of strings' }),
    copies: either(
      'a list of paths, or of { path, reset }',
      z.array(
        either(
          'a path, or { path, reset }',
          text,
          z.strictObject({ path: text, reset: z.enum(['never', 'file', 'test']).optional() }),
        ),
      ),
    ),
    env: z.union([z.record(z.string(), envValue), aFunction], {
      error: 'must be an object of variables, or a function that returns one',
    }),
    variables: either(
      'the name of an environment variable, a list of names, or templates by name',
      variable,
      z.array(variable),
      z.record(variable, aString, { error: 'must be named like an environment variable' }),
    ),
    oneOf: (words) =>
      z.enum(words, { error: ({ input }) => `must be ${oneOf(words)}, got ${show(input)}${meant(input, words)}` }),
    object: (shape) => z.strictObject(shape, { error: (issue) => unknownOptions(issue, Object.keys(shape)) }),
    byName: (of) => z.record(z.string(), of, must('an object')),
    either,
  };

  function matching(what: string, pattern: RegExp) {
    return z.string(must(what)).regex(pattern, must(what));
  }

  function whole(what: string, most: number) {
    return z.number(must(what)).refine((n) => Number.isInteger(n) && n > 0 && n <= most, must(what));
  }
}

const MILLISECONDS = 'a positive number of milliseconds';
const POSTGRES_URL = 'a connection string that begins with postgres:// or postgresql://';

type Issue = zod.core.$ZodRawIssue;

function must(what: string): { readonly error: (issue: Issue) => string } {
  return { error: ({ input }) => `must be ${what}, got ${show(input)}` };
}

/** `'never', 'file' or 'test'`. */
export function oneOf(words: readonly string[]): string {
  const quoted = words.map((word) => `'${word}'`);
  return quoted.length < 2 ? quoted.join() : `${quoted.slice(0, -1).join(', ')} or ${quoted.at(-1)}`;
}

function meant(input: unknown, words: readonly string[]): string {
  const guess = typeof input === 'string' ? nearest(input, words) : undefined;
  return guess === undefined ? '' : `; did you mean '${guess}'?`;
}

/** A line for each unknown key, in the order of `issue.keys`. */
function unknownOptions(issue: Issue, known: readonly string[]): string {
  if (issue.code !== 'unrecognized_keys') return must('an object').error(issue);
  return issue.keys.map((key) => unknownOption(key, known)).join('\n');
}

function unknownOption(key: string, known: readonly string[]): string {
  if (key === 'reuseExistingServer') {
    return 'is not possible: every slot has its own server. To test against a server that you run yourself, set STACKS=off.';
  }
  const guess = nearest(key, known);
  return guess ? `is not an option; did you mean \`${guess}\`?` : `is not an option; known are ${known.join(', ')}`;
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  const text = redact(JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
