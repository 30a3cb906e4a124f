// The origins of the developer's own servers (`http://localhost:3000`): what names one of them reaches that server from every
// slot, and not the slot's.
import type { EnvFile } from './env-files.ts';
import type { Mistake } from './mistake.ts';
import type { ServerOptions } from './options.ts';
import type { InheritedOrigin } from './resolved.ts';
import { developmentPort, serverName } from './server-mistakes.ts';

const ORIGIN = /\b(https?|wss?):\/\/(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d+)\b/g;

/**
 * The names of the servers that are started for each slot, by their ports in development.
 *
 * @param beside the config's `webServer` where `servers` stand beside it: it has the ports, they have the names
 */
export function developmentServers(
  servers: readonly ServerOptions[],
  beside: readonly ServerOptions[] = [],
): ReadonlyMap<string, string> {
  const shared = servers.filter(({ command }) => command === undefined).map(developmentPort);
  const own = servers.flatMap((server, index) => withPort(server, serverName(server, index)));
  const names = counterparts(beside, servers);
  const others = beside.flatMap((server, index) => withPort(server, names[index] ?? UNKNOWN));
  return new Map([...others.filter(([port]) => !shared.includes(port)), ...own]);
}

/** A server that all slots share is no development server: it is meant. */
function withPort(server: ServerOptions, name: string): (readonly [string, string])[] {
  const port = server.command === undefined ? undefined : developmentPort(server);
  return port === undefined ? [] : [[port, name]];
}

/** `servers`, each with its port in development where `beside` has it. */
export function withDevelopmentPorts(
  servers: readonly ServerOptions[],
  beside: readonly ServerOptions[],
): readonly ServerOptions[] {
  const ports = new Map([...developmentServers(servers, beside)].map(([port, name]) => [name, Number(port)]));
  return servers.map((server, index) => {
    const port = ports.get(serverName(server, index));
    return server.command === undefined || port === undefined ? server : { ...server, port };
  });
}

/** What the user has to fill in where no server stands for an entry of `webServer`. */
const UNKNOWN = 'NAME';

/** The names of those of `servers` that are for the slots what `entries` are in development. */
function counterparts(entries: readonly ServerOptions[], servers: readonly ServerOptions[]): string[] {
  const found = entries.map((entry) => servers.findIndex((server) => isCounterpart(entry, server)));
  // The last of both belong together.
  const left = [...servers.keys()].filter((index) => !found.includes(index));
  const rest = found.filter((index) => index === -1).length === 1 && left.length === 1 ? left[0] : undefined;
  return entries.map((entry, index) => {
    const at = found[index] === -1 ? rest : found[index];
    const server = at === undefined ? undefined : servers[at];
    return server && at !== undefined ? serverName(server, at) : (entry.name ?? UNKNOWN);
  });
}

/** By its name, its command or its path. */
function isCounterpart(entry: ServerOptions, server: ServerOptions): boolean {
  const lastOf = ({ command = '' }: ServerOptions) => `${String(command).split(/&&|;/).at(-1)?.trim() ?? ''} `;
  const pathOf = ({ url = '' }: ServerOptions) =>
    String(url)
      .replace(/^https?:\/\/[^/]+/, '')
      .replace(/^\/$/, '');
  if (server.command === undefined) return false;
  if (server.name !== undefined && server.name === entry.name) return true;
  return lastOf(server).startsWith(lastOf(entry)) || (pathOf(server) !== '' && pathOf(server) === pathOf(entry));
}

/** `text` as it is right in each slot. */
export function withPlaceholders(text: string, servers: ReadonlyMap<string, string>): string {
  return text.replace(ORIGIN, (all, scheme: string, host: string, port: string) => {
    const name = servers.get(port);
    return name === undefined ? all : `${scheme}://${host}:{port:${name}}`;
  });
}

/** Origins in the `env` and `command` of servers. */
export function originMistakes(path: string, entry: ServerOptions, servers: ReadonlyMap<string, string>): Mistake[] {
  const { command, env = {} } = entry;
  if (command === undefined) return [];
  const texts: (readonly [string, string, unknown])[] = [['command', 'command', command]];
  if (typeof env !== 'function') {
    const own = Object.entries(env).filter(([name, value]) => process.env[name] !== value);
    texts.push(...own.map(([name, value]) => [`env.${name}`, name, value] as const));
  }
  return texts.flatMap(([option, name, text]) => {
    const edited = typeof text === 'string' ? withPlaceholders(text, servers) : text;
    if (edited === text) return [];
    return [
      {
        path: `${path}.${option}`,
        text: `names a development server, which all slots would reach. Use: ${name}: '${edited}'`,
      },
    ];
  });
}

/** @param given variables that a server's own `env` sets */
export function inheritedOrigins(
  environment: Readonly<Record<string, string | undefined>>,
  files: readonly EnvFile[],
  servers: ReadonlyMap<string, string>,
  given: readonly string[],
): InheritedOrigin[] {
  const sources = [
    { from: 'environment', variables: environment },
    ...files.map(({ path, variables }) => ({ from: path, variables })),
  ];
  const known = new Set(given);
  return sources.flatMap(({ from, variables }) =>
    Object.entries(variables).flatMap(([variable, text = '']) => {
      const value = withPlaceholders(text, servers);
      if (value === text || known.has(variable) || /^(npm_|PLAYWRIGHT_|STACKS?_)/.test(variable)) return [];
      known.add(variable);
      return [{ variable, from, value }];
    }),
  );
}
