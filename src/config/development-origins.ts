// The origins of the developer's own servers (`http://localhost:3000`): what names one of them reaches that server from every
// slot, and not the slot's.
import type { EnvFile } from './env-files.ts';
import type { Mistake } from './mistake.ts';
import type { ServerOptions } from './options.ts';
import type { InheritedOrigin } from './resolved.ts';
import { developmentPort, serverName } from './server-mistakes.ts';

const ORIGIN = /\b(https?|wss?):\/\/(localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):(\d+)\b/g;

/** The names of the servers that are started for each slot, by their ports in development. */
export function developmentServers(servers: readonly ServerOptions[]): ReadonlyMap<string, string> {
  return new Map(
    servers.flatMap((server, index) => {
      const port = server.command === undefined ? undefined : developmentPort(server);
      return port === undefined ? [] : [[port, serverName(server, index)] as const];
    }),
  );
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
