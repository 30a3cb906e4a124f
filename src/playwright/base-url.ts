// A user's `baseURL`, on the slot's server instead of the developer's.
import type { ServerOptions } from '../config/options.ts';
import { developmentPort, serverName } from '../config/server-mistakes.ts';
import type { StackInfo } from '../lease/run-file.ts';

/**
 * @param own the user's `baseURL`: its path is kept, and its port tells which of several servers is meant
 * @param servers the servers as the user wrote them
 */
export function slotBaseURL(own: unknown, stack: StackInfo, servers: readonly ServerOptions[]): unknown {
  if (typeof own !== 'string' || !URL.canParse(own)) return stack.url ?? own;
  const { port, pathname, search } = new URL(own);
  const meant = servers.findIndex((server) => port !== '' && developmentPort(server) === port);
  const server = servers[meant];
  const origin = (server && stack.servers[serverName(server, meant)]) ?? stack.url;
  if (origin === undefined) return own;
  return pathname === '/' && !search ? origin : origin + pathname + search;
}
