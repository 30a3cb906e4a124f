// The variables of `.env` files that name the development server, as a slot's server is to have them.
import { readFileSync } from 'node:fs';
import { relative } from 'node:path';
import { developmentServers, inheritedOrigins, withPlaceholders } from '../../config/development-origins.ts';
import { readEnvFiles } from '../../config/env-files.ts';
import type { ServerOptions } from '../../config/options.ts';
import type { PlannedServer } from './servers.ts';

export interface PlannedOrigins {
  /** For the `env` of the one server. */
  readonly env: Readonly<Record<string, string>>;
  readonly findings: readonly (readonly [what: string, at: string])[];
  readonly todo: readonly string[];
}

/** An origin and nothing else may be written into a file that is committed. */
const BARE = /^(?:https?|wss?):\/\/(?:localhost|127\.0\.0\.1|0\.0\.0\.0|\[::1\]):\{port\}$/;
/** Files of development: what others hold is nobody's to copy. */
const OF_DEVELOPMENT = /\/\.env(?:\.(?:development|dev|test|e2e))?(?:\.local)?$/;
/** They are fixed when the application is built. */
const BUILT_IN = /^(NEXT_PUBLIC_|VITE_|PUBLIC_|NUXT_PUBLIC_|REACT_APP_)/;

/** The slots' servers by their ports in development. */
function developmentPorts(servers: readonly PlannedServer[]): ReadonlyMap<string, string> {
  const known = servers.map(({ command, developmentPort, entry }) => {
    const port = developmentPort === undefined ? undefined : `http://localhost:${developmentPort}`;
    const url = entry?.url?.startsWith('http') ? entry.url : port;
    return { command, ...(url !== undefined && { url }), ...(entry?.name !== undefined && { name: entry.name }) };
  });
  return developmentServers(known as readonly ServerOptions[]);
}

/** `text` as it is right in each slot. */
export function onSlots(text: string, servers: readonly PlannedServer[]): string {
  const placed = withPlaceholders(text, developmentPorts(servers));
  return servers.length === 1 ? placed.replace(/\{port:[\w-]+\}/g, '{port}') : placed;
}

export function planOrigins(folder: string, servers: readonly PlannedServer[]): PlannedOrigins {
  const given = servers.flatMap(({ entry }) => Object.keys(entry?.env ?? {}));
  const files = readEnvFiles(folder);
  const own = files.filter(({ path }) => OF_DEVELOPMENT.test(path));
  const sorted = [...own, ...files.filter((file) => !own.includes(file))];
  const found = inheritedOrigins({}, sorted, developmentPorts(servers), given);
  const [only] = servers.length === 1 ? servers : [];
  const env: Record<string, string> = {};
  const todo: string[] = [];
  const findings = found.map(({ variable, from, value }) => {
    const file = relative(folder, from);
    const slots = only ? onSlots(value.replace(/\{port:[\w-]+\}/g, '{port}'), servers) : value;
    if (BUILT_IN.test(variable))
      todo.push(`${variable} of ${file} is fixed when the application is built: let the client use paths`);
    else if (only && BARE.test(slots) && OF_DEVELOPMENT.test(from) && isWrittenOut(from, variable))
      env[variable] = slots;
    else
      todo.push(
        `${variable} of ${file} names the development server: give it to the server's env, with {port} in the place of its port`,
      );
    return [`${variable} names the development server`, file] as const;
  });
  return { env, findings, todo };
}

/** Its one line has the origin itself, and nothing that is filled in. */
function isWrittenOut(path: string, variable: string): boolean {
  const text = readFileSync(path, 'utf8');
  const lines = text.split('\n').filter((line) => new RegExp(`^\\s*(?:export\\s+)?${variable}\\s*[=:]`).test(line));
  return lines.length === 1 && !lines.join('').includes('$');
}
