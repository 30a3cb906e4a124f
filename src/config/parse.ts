// Checks the options before anything is created: all mistakes in one error, each by the path the user wrote.
import { StacksError } from '../errors.ts';
import { DEFAULT_VARIANT } from '../names.ts';
import { adoptWebServer } from './adopt-web-server.ts';
import { stepMistakes } from './command-databases.ts';
import { variableTemplates } from './connection-template.ts';
import { databaseMistakes, variablesOf } from './database-mistakes.ts';
import { developmentServers, originMistakes } from './development-origins.ts';
import { askedSlotsMistakes } from './machine-slots.ts';
import { invalidOptions, type Mistake, mistakesIn } from './mistake.ts';
import { nearest } from './nearest.ts';
import type { ServerOptions, StackOptions, StacksOptions } from './options.ts';
import { promisesIn } from './refuse-config.ts';
import { optionsTable } from './schema.ts';
import { serverMistakes } from './server-mistakes.ts';

/** Options that are right; `server` is filled in from Playwright's `webServer` where it was absent. */
export interface ParsedOptions {
  /** As the user wrote them. */
  readonly options: StacksOptions;
  readonly servers: readonly ServerOptions[];
  /** Playwright's `webServer`, also where `server` stands beside it: the developer's own servers. */
  readonly webServers: readonly ServerOptions[];
  /** What the projects have of their own. */
  readonly baseURLs: readonly unknown[];
  /** The runner's environment when the config was read: what an `env` repeats of it is inherited. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** True when `servers` are Playwright's `webServer`: an entry without `url`, `port` and `wait` is not awaited. */
  readonly adopted: boolean;
  /** The variants that projects ask for, in their order. */
  readonly asked: readonly string[];
}

/** A variant that a project asks for. */
export interface AskedVariant {
  readonly path: string;
  readonly name: string;
}

/** What of a project's `use` is ours to check, or to know. */
interface UsedOptions {
  readonly path: string;
  readonly isolation?: unknown;
  readonly sequences?: unknown;
  readonly baseURL?: unknown;
}

/**
 * @param options what the user passed to `withStacks`
 * @param webServer the config's `webServer`, if any
 * @param asked the variants that the projects ask for
 * @param used what the projects say in their `use`
 * @throws OPTIONS_INVALID with every mistake, PLATFORM_UNSUPPORTED on Windows
 */
export function parseOptions(
  options: StacksOptions,
  webServer: unknown,
  asked: readonly AskedVariant[],
  used: readonly UsedOptions[] = [],
): ParsedOptions {
  refuseWindows();
  // Beside `server` it is what STACKS=off uses, and Playwright's own to check.
  const webServers = adoptWebServer(webServer);
  const baseURLs = used.map(({ baseURL }) => baseURL);
  const adopted = options.server === undefined ? webServers : [];
  const table = optionsTable();
  const mistakes = [
    ...promisesIn(options),
    ...mistakesIn(options, table.options),
    ...adopted.flatMap((server, index) => mistakesIn(server, table.server, adoptedPath(webServer, index))),
    ...used.flatMap(({ path, isolation, sequences }) => [
      ...(isolation === undefined ? [] : mistakesIn(isolation, table.isolation, `${path}.isolation`)),
      ...(sequences === undefined ? [] : mistakesIn(sequences, table.sequences, `${path}.sequences`)),
    ]),
    ...askedSlotsMistakes(),
    ...(process.env.STACKS_KEEP ? mistakesIn(process.env.STACKS_KEEP, table.keepWhen, 'STACKS_KEEP') : []),
  ];
  const isRight = (path: string) => !mistakes.some((mistake) => mistake.path.startsWith(path));
  if (mistakes.some(({ path }) => path === '')) throw noObject();
  const variables = isRight('database')
    ? [
        ...Object.keys(options.database?.env ? variableTemplates(options.database.env) : {}),
        ...Object.entries(options.databases ?? {}).flatMap(([name, each]) => Object.keys(variablesOf(name, each))),
      ]
    : [];
  const servers = (path: string, server: StackOptions['server']) =>
    isRight(path)
      ? [
          ...serverMistakes(path, server, variables, options.allowDatabases),
          ...originsIn(path, server, webServers, baseURLs),
        ]
      : [];
  mistakes.push(
    ...(isRight('variants') ? variantMistakes(options, asked) : []),
    ...(isRight('variants') && isRight('database') ? databaseMistakes(options) : []),
    ...(isRight('') ? stepMistakes(options) : []),
    ...servers('server', options.server),
    ...Object.entries(options.variants ?? {}).flatMap(([name, { server }]) =>
      servers(`variants.${name}.server`, server),
    ),
    ...servers('webServer', Array.isArray(webServer) ? adopted : adopted[0]),
  );
  if (mistakes.length > 0) throw invalidOptions(mistakes);
  return {
    options,
    servers: asArray(options.server) ?? adopted,
    webServers,
    baseURLs,
    environment: { ...process.env },
    adopted: options.server === undefined,
    asked: [...new Set(asked.map(({ name }) => name))],
  };
}

/** `undefined` stays, one entry becomes a list. */
export function asArray(server: StackOptions['server']): readonly ServerOptions[] | undefined {
  if (server === undefined) return undefined;
  return isList(server) ? server : [server];
}

function isList(server: ServerOptions | readonly ServerOptions[]): server is readonly ServerOptions[] {
  return Array.isArray(server);
}

function originsIn(
  path: string,
  server: StackOptions['server'],
  webServers: readonly ServerOptions[],
  baseURLs: readonly unknown[],
): Mistake[] {
  const all = asArray(server) ?? [];
  const known = developmentServers(all, webServers, baseURLs);
  return all.flatMap((entry, index) =>
    originMistakes(Array.isArray(server) ? `${path}[${index}]` : path, entry, known),
  );
}

function noObject(): StacksError {
  return invalidOptions([{ path: 'options', text: 'of withStacks(config, options) must be an object' }]);
}

/** `webServer`, or `webServer[1]`. */
function adoptedPath(webServer: unknown, index: number): string {
  return Array.isArray(webServer) ? `webServer[${index}]` : 'webServer';
}

function refuseWindows(): void {
  if (process.platform !== 'win32') return;
  throw new StacksError('PLATFORM_UNSUPPORTED', 'playwright-stacks does not run on Windows itself.', {
    hint: 'run it in WSL (Windows Subsystem for Linux), or set STACKS=off to run the tests as without it.',
  });
}

function variantMistakes({ variants = {} }: StacksOptions, asked: readonly AskedVariant[]): Mistake[] {
  const names = [DEFAULT_VARIANT, ...Object.keys(variants)];
  const unknown = asked.filter(({ name }) => !names.includes(name));
  return [
    ...Object.keys(variants)
      .filter((name) => name === DEFAULT_VARIANT || !/^(?!.*__)[a-z0-9_]{1,20}$/.test(name))
      .map(badVariantName),
    ...unknown.map(({ path, name }) => ({ path, text: unknownVariant(name, names) })),
  ];
}

function badVariantName(name: string): Mistake {
  const text = `must be named with at most 20 lower-case letters, digits or single \`_\`, and not '${DEFAULT_VARIANT}'`;
  return { path: `variants.${name}`, text };
}

function unknownVariant(name: string, known: readonly string[]): string {
  const guess = nearest(name, known);
  return `asks for an unknown variant '${name}'; ${guess ? `did you mean '${guess}'?` : `known are ${known.join(', ')}`}`;
}
