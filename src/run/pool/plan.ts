// The names, ports and URLs of a stack, fixed for the run before anything of it exists.
import { join } from 'node:path';
import type { ResolvedServer, ResolvedVariant } from '../../config/resolved.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import type { Lifetime } from '../../lifetime.ts';
import { cloneName, serverLogName, stackKey } from '../../names.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';
import { reservePort } from '../../process/ports.ts';
import { fillPlaceholders } from '../../server/placeholders.ts';
import { stackVariables } from '../database-variables.ts';
import type { RunWorkspaces } from '../workspace/run-workspaces.ts';

export interface StackPlan {
  readonly variant: ResolvedVariant;
  readonly info: StackInfo;
  /** By server name; an entry that is shared by all slots has none. */
  readonly ports: Readonly<Record<string, number>>;
  /** By server name: those of Node's inspectors, with STACKS_INSPECT=1. */
  readonly inspectPorts: Readonly<Record<string, number>>;
}

/**
 * Reserves a port for each server of the stack, for as long as `lifetime` lasts.
 * @param logs the folder of the servers' log files
 */
export async function planStack(
  run: string,
  slot: number,
  variant: ResolvedVariant,
  postgres: DatabaseServer,
  workspaces: RunWorkspaces | undefined,
  logs: string,
  lifetime: Lifetime,
): Promise<StackPlan> {
  const reserve = async (): Promise<number> => {
    const reserved = await reservePort();
    lifetime.defer(`release port ${reserved.port}`, () => reserved.release());
    return reserved.port;
  };
  const ports: Record<string, number> = {};
  const inspectPorts: Record<string, number> = {};
  for (const { name, command, inspect } of variant.servers) {
    if (command === undefined) continue;
    ports[name] = await reserve();
    if (inspect) inspectPorts[name] = await reserve();
  }
  const key = stackKey(run, slot, variant.name);
  const databases = variant.databases.map(({ name, role }) => {
    const database = cloneName(key, name);
    return { name, database, url: postgres.urlFor(database, role) };
  });
  const databaseUrl = postgres.urlFor(key, variant.database.role);
  const urls = variant.servers.map((server) => [server.name, originOf(server, ports)] as const);
  const info: StackInfo = {
    slot,
    variant: variant.name,
    key,
    // A server that all slots share is nobody's own, wherever it is in the list.
    url: (urls.find(([name]) => ports[name] !== undefined) ?? urls[0])?.[1],
    servers: Object.fromEntries(urls),
    logs: Object.fromEntries(
      Object.keys(ports).map((name) => [name, join(logs, serverLogName(slot, variant.name, name))]),
    ),
    database: key,
    databaseUrl,
    databases,
    env: stackVariables(
      variant.databases,
      databases.map(({ url }) => url),
    ),
    workspace: workspaces?.plan(slot, variant.name),
  };
  return { variant, info, ports, inspectPorts };
}

/** What is probed for readiness; undefined: the port itself, or the output. */
export function probeUrl(server: ResolvedServer, ports: Readonly<Record<string, number>>): string | undefined {
  if (server.url === undefined) return undefined;
  const port = ports[server.name];
  if (port === undefined) return server.url;
  const urls = Object.fromEntries(Object.entries(ports).map(([name, own]) => [name, `http://localhost:${own}`]));
  const url = fillPlaceholders(server.url, `server '${server.name}' url`, { name: server.name, ports, urls });
  if (!/^https?:/.test(url)) return new URL(url, `http://localhost:${port}`).href;
  const full = new URL(url);
  full.port = String(port);
  return full.href;
}

function originOf(server: ResolvedServer, ports: Readonly<Record<string, number>>): string {
  const url = probeUrl(server, ports);
  return url === undefined ? `http://localhost:${ports[server.name]}` : new URL(url).origin;
}
