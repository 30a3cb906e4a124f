// What a slot's app server uses: ports, databases, whatever else it is connected to, and the variables that its files name.
import type { StackInfo } from '../../lease/run-file.ts';
import { type Client, withClient } from '../../postgres/client/connection.ts';
import { answersAsPostgres } from '../../postgres/client/is-postgres.ts';
import { connectTo } from '../../postgres/existing/existing.ts';
import { type Connection, connectionsOf } from '../../process/connections.ts';
import { portsOf } from '../../process/listeners.ts';
import { trackMembers } from '../../process/members.ts';
import { variablesNamed } from './variables-named.ts';

export interface ServerUse {
  readonly name: string;
  readonly slot: number;
  readonly url: string;
  readonly ports: readonly number[];
  /** The option: it is to use none. */
  readonly database: 'none' | undefined;
  /** Databases of its stack on which it has a session. */
  readonly own: readonly string[];
  /** Servers of other stacks. */
  readonly otherStacks: readonly string[];
  /** What is no Postgres, and no server of a stack: `127.0.0.1:6379`. */
  readonly elsewhere: readonly string[];
  /** Of the variables that it is given, those that its source files name. */
  readonly named: readonly string[];
}

/** As `stack-opened` has it. */
export interface OpenedServer {
  readonly name: string;
  readonly pid: number;
  readonly database?: 'none' | undefined;
}

export async function serverUse(
  { name, pid, database }: OpenedServer,
  stack: StackInfo,
  all: readonly StackInfo[],
): Promise<ServerUse> {
  const members = trackMembers(pid)();
  const connections = connectionsOf(members);
  const sessions = await sessionsOf(stack);
  const portOf = (url: string) => Number(new URL(url).port);
  const run = portOf(stack.databaseUrl);
  const own = new Set<string>();
  const otherStacks = new Set<string>();
  const elsewhere = new Set<string>();
  const stackOf = (port: number) =>
    all.find(({ servers }) => Object.values(servers).some((url) => portOf(url) === port));
  for (const connection of connections) {
    const there = titleOf(connection);
    const session = sessions.get(connection.localPort);
    const server = stackOf(connection.port);
    if (connection.port === run && session !== undefined) {
      if (stack.databases.some((each) => each.database === session)) own.add(session);
    } else if (server) {
      if (server.slot !== stack.slot) otherStacks.add(`${there} (slot ${server.slot})`);
    } else if (connection.port !== run) {
      // Of other databases the run says more, and knows which ones are allowed.
      if (!(await answersAsPostgres(connection.address, connection.port))) elsewhere.add(there);
    }
  }
  return {
    ...{ name, slot: stack.slot, url: stack.servers[name] ?? '', ports: portsOf(members), database },
    ...{ own: [...own], otherStacks: [...otherStacks], elsewhere: [...elsewhere] },
    named: variablesNamed(members, stack),
  };
}

/** The databases of sessions, by their ports: of those that the stack's role may see. */
async function sessionsOf({ databaseUrl }: StackInfo): Promise<ReadonlyMap<number, string>> {
  return withClient(connectTo(databaseUrl, { purpose: 'doctor' }), async (client: Client) => {
    const { rows } = await client.query<{ port: number; database: string }>(
      'SELECT client_port AS port, datname AS database FROM pg_catalog.pg_stat_activity WHERE client_port > 0',
    );
    return new Map(rows.map(({ port, database }) => [port, database]));
  });
}

function titleOf({ address, port }: Connection): string {
  return `${address.includes(':') ? `[${address}]` : address}:${port}`;
}
