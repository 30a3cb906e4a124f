// The origins of the developer's own servers (`http://localhost:3000`): what names one of them reaches that server from every
// slot, and not the slot's.
import { counterparts, isByUrl } from './counterparts.ts';
import type { EnvFile } from './env-files.ts';
import type { Mistake } from './mistake.ts';
import type { ServerOptions } from './options.ts';
import type { InheritedOrigin } from './resolved.ts';
import { developmentPort, serverName } from './server-mistakes.ts';

const ORIGIN = /\b(https?|wss?):\/\/(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d+)\b/g;

/**
 * The names of the servers that are started for each slot, by their ports in development; `''`: none of them stands for
 * what is there, which is a server only if it has a `url`. A bare port may be Redis'.
 *
 * @param beside the config's `webServer` where `servers` stand beside it: it has the ports, they have the names
 * @param baseURLs those of the projects
 */
export function developmentServers(
  servers: readonly ServerOptions[],
  beside: readonly ServerOptions[] = [],
  baseURLs: readonly unknown[] = [],
): ReadonlyMap<string, string> {
  const shared = servers.filter(({ command }) => command === undefined).map(developmentPort);
  const own = servers.flatMap((server, index) => withPort(server, serverName(server, index)));
  const names = counterparts(beside, servers, baseURLs);
  const others = beside.flatMap((entry, index) => {
    const name = names.get(index) ?? (isByUrl(entry) ? UNKNOWN : undefined);
    return name === undefined ? [] : withPort(entry, name);
  });
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
  baseURLs: readonly unknown[] = [],
): readonly ServerOptions[] {
  const ports = new Map([...developmentServers(servers, beside, baseURLs)].map(([port, name]) => [name, Number(port)]));
  return servers.map((server, index) => {
    const port = ports.get(serverName(server, index));
    return server.command === undefined || port === undefined ? server : { ...server, port };
  });
}

const UNKNOWN = '';

/** `text` as it is right in each slot. */
export function withPlaceholders(text: string, servers: ReadonlyMap<string, string>): string {
  return text.replace(ORIGIN, (all, scheme: string, host: string, port: string) => {
    const name = servers.get(port);
    // Without a server that stands for it nothing is right.
    return name ? `${scheme}://${host}:{port:${name}}` : all;
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
