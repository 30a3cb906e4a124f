// What is wrong with a list of servers beyond the shape of each entry.
import { isAbsolute, normalize } from 'node:path';
import { commandMistakes } from './command-databases.ts';
import { idleOf } from './idle.ts';
import { literalPorts } from './literal-ports.ts';
import type { Mistake } from './mistake.ts';
import { nearest } from './nearest.ts';
import type { ServerOptions, StackOptions } from './options.ts';
import { type OwnEnv, ownEnv } from './own-env.ts';

const ours = /^(PORT|DATABASE_URL|PG(HOST|PORT|USER|PASSWORD|DATABASE))$/;

/**
 * @param option the option's path: `server`, `webServer`, `variants.admin.server`
 * @param variables those that name the slot's databases
 * @param allowed `allowDatabases`
 */
export function serverMistakes(
  option: string,
  server: StackOptions['server'],
  variables: readonly string[],
  allowed: readonly string[] = [],
): Mistake[] {
  if (server === undefined) return [];
  const isArray = Array.isArray(server);
  const entries: readonly ServerOptions[] = isArray ? server : [server];
  const names = entries.map(serverName);
  const ahead = entries.some(({ spares = 0 }) => spares > 0);
  const restarts = [...new Set(entries.map(({ restart = 'never' }) => restart))].filter((each) => each !== 'never');
  return entries.flatMap((entry, index) => {
    const path = isArray ? `${option}[${index}]` : option;
    return [
      ...nothingToStart(path, entry),
      ...literalPort(path, entry),
      ...commandMistakes(`${path}.command`, 'command', entry.command, allowed),
      ...sharedVariables(path, entry, variables),
      ...unknownPorts(path, entry, names),
      ...copyMistakes(path, entry),
      ...besideMistakes(path, entry, names),
      ...idleMistakes(path, entry),
      ...sparesMistakes(path, entry, ahead && restarts.length > 1),
      ...(names.indexOf(serverName(entry, index)) < index
        ? [{ path: `${path}.name`, text: `'${names[index]}' is already the name of another server` }]
        : []),
    ];
  });
}

/** `web`, `web2`, `web3` where the user gave none. */
export function serverName({ name }: ServerOptions, index: number): string {
  return name ?? (index === 0 ? 'web' : `web${index + 1}`);
}

/** The port that the app has in development, from `port` or `url`. */
export function developmentPort({ port, url }: ServerOptions): string | undefined {
  if (port !== undefined) return String(port);
  return url?.match(/^https?:\/\/[^/]*:(\d+)/)?.[1];
}

function nothingToStart(path: string, entry: ServerOptions): Mistake[] {
  if (entry.command !== undefined || entry.url?.match(/^https?:/)) return [];
  return [{ path, text: 'needs a `command` that starts a server, or the full `url` of one that all slots share' }];
}

function literalPort(path: string, entry: ServerOptions): Mistake[] {
  const { command } = entry;
  if (!command) return [];
  const own = developmentPort(entry);
  const known = own === undefined ? command : command.replace(new RegExp(`\\b${own}\\b`, 'g'), '{port}');
  const literal = literalPorts(known);
  const edited = literal?.edited ?? known;
  if (edited === command) return [];
  const ports = [...(own !== undefined && known !== command ? [own] : []), ...(literal?.ports ?? [])].join(', ');
  return [
    { path: `${path}.command`, text: `hard-codes port ${ports}, which slots cannot share. Use: command: '${edited}'` },
  ];
}

/** `{port:name}` and `{url:name}` of a server that is not there. */
function unknownPorts(path: string, entry: ServerOptions, names: readonly string[]): Mistake[] {
  const { command = '', url = '' } = entry;
  const env = Object.entries(envOf(entry)).map(([name, value]) => [`env.${name}`, value ?? ''] as const);
  return [['command', command] as const, ['url', url] as const, ...env].flatMap(([option, text]) =>
    unknownPortsIn(`${path}.${option}`, text, names),
  );
}

/** Copies of what is not the server's, and `{copy:path}` of what is not copied. */
function copyMistakes(path: string, entry: ServerOptions): Mistake[] {
  const { copy = [], command = '' } = entry;
  const paths = copy.map((each) => (typeof each === 'string' ? each : each.path));
  const outside = paths.filter((each) => isAbsolute(each) || /^\.\.?($|\/)/.test(normalize(each)));
  const texts = [
    ['command', command] as const,
    ...Object.entries(envOf(entry)).map(([k, v]) => [`env.${k}`, v] as const),
  ];
  return [
    ...outside.map((each) => ({ path: `${path}.copy`, text: `has '${each}'; it must be a path below \`cwd\`` })),
    ...texts.flatMap(([option, text = '']) =>
      [...text.matchAll(/\{copy:([^{}]*)\}/g)]
        .filter(([, name = '']) => !paths.includes(name))
        .map(([all, name]) => ({ path: `${path}.${option}`, text: `has ${all}; add '${name}' to \`copy\`` })),
    ),
  ];
}

/** A time that ends before it can be enough. */
function idleMistakes(path: string, { idle }: ServerOptions): Mistake[] {
  const { quiet, most } = idleOf(idle);
  if (quiet === undefined || most === undefined || most >= quiet) return [];
  return [{ path: `${path}.idle.most`, text: `must be at least \`quiet\`, which is ${quiet}, got ${most}` }];
}

/** @param differ servers with `spares` are started together, and some are to be at other times */
function sparesMistakes(path: string, { spares = 0, restart = 'never' }: ServerOptions, differ: boolean): Mistake[] {
  if (spares > 0 && restart === 'never') {
    return [{ path: `${path}.spares`, text: "needs `restart: 'test'` or `restart: 'file'` beside it" }];
  }
  if (!differ || restart === 'never') return [];
  return [{ path: `${path}.restart`, text: 'must be the same for all servers with `restart`, as one has `spares`' }];
}

/** Placeholders that are not there, or nearly: other braces may well be the shell's. */
function besideMistakes(path: string, { beside, command: served }: ServerOptions, names: readonly string[]): Mistake[] {
  if (beside === undefined) return [];
  const [command, at] =
    typeof beside === 'string' ? [beside, `${path}.beside`] : [beside.command, `${path}.beside.command`];
  const known = ['pid', 'slot', 'output'];
  const misspelt = [...command.matchAll(/(?<!\$)\{(\w+)\}/g)].flatMap(([placeholder, name = '']) => {
    const meant = [...known, 'port', 'url'].includes(name) ? undefined : nearest(name, known);
    return meant ? [{ path: at, text: `has ${placeholder}; did you mean {${meant}}?` }] : [];
  });
  const alone = served === undefined ? [{ path: at, text: 'needs a server that is started here: a `command`' }] : [];
  return [...alone, ...misspelt, ...unknownPortsIn(at, command, names)];
}

function unknownPortsIn(path: string, text: string, names: readonly string[]): Mistake[] {
  return [...text.matchAll(/\{(?:port|url):([^{}]*)\}/g)]
    .filter(([, name = '']) => !names.includes(name))
    .map(([placeholder]) => ({
      path,
      text: `has ${placeholder}, but there is no such server; known are ${names.join(', ')}`,
    }));
}

/** What the entry sets; of a function that is known when a server starts. */
function envOf({ env = {} }: ServerOptions): OwnEnv {
  return typeof env === 'function' ? {} : ownEnv(env, process.env);
}

/** A literal `DATABASE_URL` would send every slot to one database: the very thing that must not happen. */
function sharedVariables(path: string, entry: ServerOptions, variables: readonly string[]): Mistake[] {
  if (entry.command === undefined) return [];
  return Object.entries(envOf(entry))
    .filter(([name, value]) => (ours.test(name) || variables.includes(name)) && value?.includes('{') === false)
    .map(([name]) => ({
      path: `${path}.env.${name}`,
      text: 'would be the same for all slots. Leave it out: each slot gets its own',
    }));
}
