// Checks the options before anything is created: all mistakes in one error, each by the path the user wrote.
import { StacksError } from '../errors.ts';
import { DEFAULT_VARIANT } from '../names.ts';
import { adoptWebServer } from './adopt-web-server.ts';
import { nearest } from './nearest.ts';
import type { ServerOptions, StackOptions, StacksOptions } from './options.ts';
import { optionsSchema } from './schema.ts';
import { serverMistakes } from './server-mistakes.ts';

/** One mistake: "`path` text". */
export interface Mistake {
  readonly path: string;
  readonly text: string;
}

/** Options whose shape is right; `server` is filled in from Playwright's `webServer` where it was absent. */
export interface ParsedOptions extends StacksOptions {
  readonly servers: readonly ServerOptions[];
}

/**
 * @param options what the user passed to `withStacks`
 * @param webServer the config's `webServer`, if any
 * @throws OPTIONS_INVALID with every mistake, PLATFORM_UNSUPPORTED on Windows
 */
export function parseOptions(options: StacksOptions, webServer: unknown): ParsedOptions {
  refuseWindows();
  const shape = shapeMistakes(options);
  if (shape.length > 0) throw invalid(shape);
  const adopted = adoptWebServer(webServer);
  const stacks: readonly { path: string; stack: StackOptions }[] = [
    { path: '', stack: options },
    ...Object.entries(options.variants ?? {}).map(([name, stack]) => ({ path: `variants.${name}.`, stack })),
  ];
  const mistakes = [
    ...variantMistakes(options),
    ...(options.server !== undefined && adopted.length > 0 ? [bothServers] : []),
    ...stacks.flatMap(({ path, stack }) => serverMistakes(`${path}server`, stack.server)),
    ...(options.server === undefined ? serverMistakes('webServer', unwrap(adopted, webServer)) : []),
  ];
  if (mistakes.length > 0) throw invalid(mistakes);
  return { ...options, servers: asArray(options.server) ?? adopted };
}

/** `undefined` stays, one entry becomes a list. */
export function asArray(server: StackOptions['server']): readonly ServerOptions[] | undefined {
  if (server === undefined) return undefined;
  return isList(server) ? server : [server];
}

function isList(server: ServerOptions | readonly ServerOptions[]): server is readonly ServerOptions[] {
  return Array.isArray(server);
}

/** Messages name `webServer.command` or `webServer[0].command`, as the user wrote it. */
function unwrap(adopted: readonly ServerOptions[], webServer: unknown): StackOptions['server'] {
  return Array.isArray(webServer) ? adopted : adopted[0];
}

const bothServers: Mistake = {
  path: 'server',
  text: 'cannot stand beside `webServer` of the Playwright config: Playwright would start that one once for all slots. Remove one of them.',
};

function refuseWindows(): void {
  if (process.platform !== 'win32') return;
  throw new StacksError('PLATFORM_UNSUPPORTED', 'playwright-stacks does not run on Windows itself.', {
    hint: 'run it in WSL (Windows Subsystem for Linux), or set STACKS=off to run the tests as without it.',
  });
}

function shapeMistakes(options: unknown): Mistake[] {
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    return [{ path: 'options', text: 'of withStacks(config, options) must be an object' }];
  }
  const result = optionsSchema(options).safeParse(options);
  return (result.error?.issues ?? []).flatMap((issue) => {
    if (issue.code !== 'unrecognized_keys') return [{ path: pathOf(issue.path), text: issue.message }];
    return issue.keys.map((key) => ({ path: pathOf([...issue.path, key]), text: unknownKey(key, issue.path) }));
  });
}

const stackKeys = ['database', 'server'];
const serverKeys = 'command name cwd env url port timeout ignoreHTTPSErrors stdout stderr gracefulShutdown wait'.split(
  ' ',
);
const knownKeys: Readonly<Record<string, readonly string[]>> = {
  '': [...stackKeys, 'build', 'buildTimeout', 'variants'],
  database: 'url migrate seed inputs prepare extensions role timeout'.split(' '),
  server: serverKeys,
  gracefulShutdown: ['signal', 'timeout'],
  wait: ['stdout', 'stderr'],
};

function unknownKey(key: string, path: readonly PropertyKey[]): string {
  if (key === 'reuseExistingServer') {
    return 'is not possible: every slot has a server of its own. To test against the one you run yourself, set STACKS=off.';
  }
  const parent = path.filter((part) => typeof part === 'string').at(-1) ?? '';
  const known = knownKeys[parent] ?? stackKeys;
  const guess = nearest(key, known);
  return guess ? `is not an option; did you mean \`${guess}\`?` : `is not an option; known are ${known.join(', ')}`;
}

function variantMistakes({ variants = {} }: StacksOptions): Mistake[] {
  return Object.entries(variants).flatMap(([name, { database }]) => [
    ...(name !== DEFAULT_VARIANT && /^[a-z0-9_]{1,20}$/.test(name)
      ? []
      : [
          {
            path: `variants.${name}`,
            text: `must be named with at most 20 lower-case letters, digits or \`_\`, and not '${DEFAULT_VARIANT}'`,
          },
        ]),
    ...(database?.url === undefined
      ? []
      : [{ path: `variants.${name}.database.url`, text: 'is one for the whole run: set `database.url`' }]),
  ]);
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}

function invalid(mistakes: readonly Mistake[]): StacksError {
  const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
  return new StacksError('OPTIONS_INVALID', `${count} in the options of withStacks().`, {
    items: mistakes.map(({ path, text }) => `\`${path}\` ${text}`),
  });
}
