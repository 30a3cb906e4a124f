// The variables of `.env` files that name the development server, as a slot's server is to have them.
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

/** A value that holds nothing but origins and paths may be written into a file that is committed. */
const PLAIN = /^(?:(?:https?|wss?):\/\/[\w.[\]:{}-]+(?:\/[\w/-]*)?(?:,\s*)?)+$/;
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
  const found = inheritedOrigins({}, readEnvFiles(folder), developmentPorts(servers), given);
  const [only] = servers.length === 1 ? servers : [];
  const env: Record<string, string> = {};
  const todo: string[] = [];
  const findings = found.map(({ variable, from, value }) => {
    const file = relative(folder, from);
    const slots = only ? onSlots(value.replace(/\{port:[\w-]+\}/g, '{port}'), servers) : value;
    if (BUILT_IN.test(variable))
      todo.push(`${variable} of ${file} is fixed when the application is built: let the client use paths`);
    else if (only && PLAIN.test(slots)) env[variable] = slots;
    else
      todo.push(
        `${variable} of ${file} names the development server: give it to the server's env, with {port} in the place of its port`,
      );
    return [`${variable} names the development server`, file] as const;
  });
  return { env, findings, todo };
}
