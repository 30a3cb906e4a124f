// The shape of the options, as a zod schema. Every message completes "`path` must be …".
import { createRequire } from 'node:module';
import type { ZodType, z as zod } from 'zod';
import { redact } from '../text/redact.ts';
import { ISOLATIONS } from './isolations.ts';
import { KEEP_WHENS } from './keep-whens.ts';
import { isEnvValue } from './own-env.ts';

type Zod = typeof zod;

/** The schema for `options`; built from its shape, so that no union hides which branch a mistake was in. */
export function optionsSchema(options: unknown): ZodType {
  // Loaded here and not at the top: workers evaluate the config too, and do not parse it again.
  const { z }: { z: Zod } = createRequire(import.meta.url)('zod');
  const k = kinds(z);
  const stack = (of: unknown) => ({
    database: database(z, k).optional(),
    databases: databases(z, k, property(of, 'databases')).optional(),
    server: (Array.isArray(property(of, 'server')) ? z.array(server(z, k)) : server(z, k)).optional(),
  });
  const variants = Object.entries(property(options, 'variants') ?? {});
  return z.strictObject({
    ...stack(options),
    build: k.task.optional(),
    buildTimeout: k.milliseconds.optional(),
    isolation: k.oneOf(...ISOLATIONS).optional(),
    keep: (property(options, 'keep') ? keep(z, k) : k.oneOf(...KEEP_WHENS)).optional(),
    idleTimeout: k.milliseconds.optional(),
    allowDatabases: k.strings.optional(),
    variants: z
      .strictObject(Object.fromEntries(variants.map(([name, of]) => [name, z.strictObject(stack(of))])))
      .optional(),
  });
}

function keep(z: Zod, k: Kinds) {
  return z.strictObject({ when: k.oneOf(...KEEP_WHENS), most: k.count.optional() });
}

function databases(z: Zod, k: Kinds, of: object = {}) {
  return z.strictObject(Object.fromEntries(Object.keys(of).map((name) => [name, database(z, k)])));
}

function database(z: Zod, k: Kinds) {
  return z.strictObject({
    url: k.postgresUrl.optional(),
    migrate: k.task.optional(),
    seed: k.task.optional(),
    inputs: k.strings.optional(),
    prepare: k.task.optional(),
    extensions: k.strings.optional(),
    role: k.oneOf('owner', 'superuser').optional(),
    connections: k.count.optional(),
    env: k.variables.optional(),
    timeout: k.milliseconds.optional(),
  });
}

function server(z: Zod, k: Kinds) {
  return z.strictObject({
    command: k.text.optional(),
    name: k.word.optional(),
    cwd: k.text.optional(),
    env: k.env.optional(),
    url: k.text.optional(),
    port: k.port.optional(),
    timeout: k.milliseconds.optional(),
    ignoreHTTPSErrors: k.boolean.optional(),
    stdout: k.oneOf('pipe', 'ignore').optional(),
    stderr: k.oneOf('pipe', 'ignore').optional(),
    gracefulShutdown: z
      .strictObject({ signal: k.oneOf('SIGINT', 'SIGTERM').optional(), timeout: k.patience.optional() })
      .optional(),
    wait: z.strictObject({ stdout: k.regExp.optional(), stderr: k.regExp.optional() }).optional(),
    reset: k.pathOrFunction.optional(),
    restart: k.oneOf('never', 'file', 'test').optional(),
    idle: k.pathOrFunction.optional(),
  });
}

type Kinds = ReturnType<typeof kinds>;

function kinds(z: Zod) {
  const kind = (what: string, check: (value: unknown) => boolean) =>
    z.custom(check, { error: ({ input }) => `must be ${what}, got ${show(input)}` });
  const isText = (value: unknown): value is string => typeof value === 'string' && value.trim() !== '';
  return {
    text: kind('a non-empty string', isText),
    word: kind('letters, digits, `-` or `_`', (value) => isText(value) && /^[\w-]+$/.test(value)),
    variables: kind('the name of an environment variable, a list of names, or templates by name', isVariables),
    strings: kind('an array of non-empty strings', (value) => Array.isArray(value) && value.every(isText)),
    pathOrFunction: kind(
      'a path that begins with `/`, or a function',
      (value) => typeof value === 'function' || (isText(value) && value.startsWith('/')),
    ),
    boolean: kind('true or false', (value) => typeof value === 'boolean'),
    task: kind('a shell command or a function', (value) => typeof value === 'function' || isText(value)),
    milliseconds: kind('a positive number of milliseconds', (value) => Number.isFinite(value) && Number(value) > 0),
    count: kind(
      'a whole number above 0',
      (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 2048,
    ),
    port: kind('a port number', (value) => Number.isInteger(value) && Number(value) > 0 && Number(value) < 65536),
    regExp: kind('a regular expression', (value) => value instanceof RegExp),
    env: z
      .custom(isEnv, { error: 'must be an object of variables, or a function that returns one' })
      .superRefine((value, context) => {
        // Named one by one, and without their values, which may be secrets.
        for (const [name, item] of Object.entries(value ?? {})) {
          if (isEnvValue(item)) continue;
          context.addIssue({ code: 'custom', path: [name], message: 'must be a string, a number, true or false' });
        }
      }),
    patience: kind('a number of milliseconds', (value) => Number.isFinite(value) && Number(value) >= 0),
    postgresUrl: kind(
      'a connection string that begins with postgres:// or postgresql://',
      (value) => isText(value) && /^postgres(ql)?:\/\//.test(value) && URL.canParse(value),
    ),
    oneOf: (...words: string[]) =>
      kind(
        words
          .map((word) => `'${word}'`)
          .join(', ')
          .replace(/, (?=[^,]*$)/, ' or '),
        (value) => words.includes(String(value)),
      ),
  };
}

function isVariables(value: unknown): boolean {
  const isName = (name: unknown) => typeof name === 'string' && /^[A-Za-z_]\w*$/.test(name);
  if (Array.isArray(value)) return value.every(isName);
  if (typeof value !== 'object' || value === null) return isName(value);
  return Object.entries(value).every(([name, template]) => isName(name) && typeof template === 'string');
}

function isEnv(value: unknown): boolean {
  return typeof value === 'function' || (typeof value === 'object' && value !== null && !Array.isArray(value));
}

function property(value: unknown, key: string): object | undefined {
  const found = typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
  return typeof found === 'object' && found !== null ? found : undefined;
}

function show(value: unknown): string {
  if (typeof value === 'function') return 'a function';
  const text = redact(JSON.stringify(value) ?? String(value));
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
