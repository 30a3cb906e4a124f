// Which databases processes are connected to: the stack's own, or others on whatever Postgres. Sockets tell the address,
// pg_stat_activity of our server tells the database by the client's port.
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import { type InheritedDatabase, isAllowed } from '../../config/inherited-databases.ts';
import { targetTitle } from '../../config/postgres-value.ts';
import type { DevelopmentDatabases } from '../../config/resolved.ts';
import { APPLICATION } from '../../names.ts';
import { withClient } from '../../postgres/client/connection.ts';
import { answersAsPostgres } from '../../postgres/client/is-postgres.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';
import type { Connection } from '../../process/connections.ts';

/** What a connection is to. `unknown`: to our server, which does not tell to which database (yet). */
export type Seen =
  | { readonly kind: 'own' | 'unrelated' | 'unknown'; readonly connection: Connection }
  | { readonly kind: 'other'; readonly connection: Connection; readonly other: OtherDatabase };

export interface OtherDatabase {
  /** `localhost:5432`, or with a database where that is known: `localhost:5432/dev`. */
  readonly title: string;
  /** The variable of the developer's environment that names it, and where that is set. */
  readonly named: { readonly variable: string; readonly from: string } | undefined;
}

interface Session {
  readonly database: string;
  readonly port: number | null;
  readonly ours: boolean;
}

/** Ports on which no Postgres is asked for: asking would disturb. */
const NEVER_ASKED = [80, 443];
/** On other machines nobody is asked: the usual ports say it. */
const USUAL_PORTS = [5432, 5433, 6432, 6543];

export class DatabaseConnections {
  readonly #server: DatabaseServer;
  readonly #known: DevelopmentDatabases;
  readonly #isPostgres = new Map<string, Promise<boolean>>();
  readonly #addresses = new Map<string, Promise<readonly string[]>>();

  constructor(server: DatabaseServer, known: DevelopmentDatabases) {
    this.#server = server;
    this.#known = known;
  }

  /** @param isOwn whether a database, by its name, is one that they are to be on */
  async look(connections: readonly Connection[], isOwn: (database: string) => boolean): Promise<Seen[]> {
    const toServer: Connection[] = [];
    const seen: Seen[] = [];
    for (const connection of connections) {
      if (await this.#isServer(connection)) toServer.push(connection);
      else seen.push(await this.#elsewhere(connection));
    }
    return toServer.length === 0 ? seen : [...seen, ...(await this.#onServer(toServer, isOwn))];
  }

  async #isServer({ address, port }: Connection): Promise<boolean> {
    const { host, port: own } = this.#server;
    if (port !== own) return false;
    return this.#reaches(host, address);
  }

  async #onServer(connections: readonly Connection[], isOwn: (database: string) => boolean): Promise<Seen[]> {
    const sessions = (await this.#sessions()).filter(({ ours }) => !ours);
    const sessionOf = ({ localPort }: Connection) => sessions.find(({ port }) => port === localPort);
    // Something in between gives them other ports (a container's network): a session that is nobody else's is theirs.
    const isBehind = !connections.some(sessionOf) && sessions.some(({ database }) => isOwn(database));
    return connections.map((connection): Seen => {
      const session = sessionOf(connection);
      if (isBehind || (session && isOwn(session.database))) return { kind: 'own', connection };
      return session ? this.#otherHere(connection, session) : { kind: 'unknown', connection };
    });
  }

  async #sessions(): Promise<readonly Session[]> {
    return withClient(this.#server.connect({ purpose: 'look who is connected' }), async (client) => {
      const { rows } = await client.query<Session>(SESSIONS, [`${APPLICATION}%`]);
      return rows;
    });
  }

  /** On our server, in a database that is not the stack's. */
  #otherHere(connection: Connection, { database }: Session): Seen {
    const { host, port } = this.#server;
    const target = { host, port, database };
    if (isAllowed({ variables: [], target }, this.#known.allowed)) return { kind: 'unrelated', connection };
    const named = this.#known.inherited.find((each) => each.target.database === database && each.target.port === port);
    return { kind: 'other', connection, other: { title: targetTitle(target), named: named && nameOf(named) } };
  }

  /** On another server: a Postgres, or something else. */
  async #elsewhere(connection: Connection): Promise<Seen> {
    const { address, port } = connection;
    const named = await this.#namedAt(address, port);
    const isOther = (named || (await this.#asked(address, port))) && !(await this.#isAllowed(named, connection));
    if (!isOther) return { kind: 'unrelated', connection };
    const host = named?.target.host ?? address;
    const title = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    return { kind: 'other', connection, other: { title, named: named && nameOf(named) } };
  }

  async #isAllowed(named: InheritedDatabase | undefined, { address, port }: Connection): Promise<boolean> {
    const { allowed } = this.#known;
    if (named && isAllowed(named, allowed)) return true;
    for (const each of allowed) {
      const [, host, allowedPort] = /^(.*):(\d+)/.exec(each) ?? [];
      if (host && Number(allowedPort) === port && (await this.#reaches(host, address))) return true;
    }
    return false;
  }

  /** What the developer's environment names at an address. */
  async #namedAt(address: string, port: number): Promise<InheritedDatabase | undefined> {
    for (const each of this.#known.inherited) {
      if (each.target.port === port && (await this.#reaches(each.target.host, address))) return each;
    }
    return undefined;
  }

  async #reaches(host: string, address: string): Promise<boolean> {
    const addresses = await this.#addressesOf(host);
    return addresses.includes(address) || (addresses.some(isOfThisMachine) && isOfThisMachine(address));
  }

  async #asked(address: string, port: number): Promise<boolean> {
    if (NEVER_ASKED.includes(port)) return false;
    if (!isOfThisMachine(address)) return USUAL_PORTS.includes(port);
    const key = `${address} ${port}`;
    const known = this.#isPostgres.get(key) ?? answersAsPostgres(address, port);
    this.#isPostgres.set(key, known);
    return known;
  }

  #addressesOf(host: string): Promise<readonly string[]> {
    const known = this.#addresses.get(host) ?? addressesOf(host);
    this.#addresses.set(host, known);
    return known;
  }
}

async function addressesOf(host: string): Promise<readonly string[]> {
  // The folder of a Unix socket: a server of this machine.
  if (host === '' || host.startsWith('/')) return ['127.0.0.1'];
  const found = await lookup(host, { all: true }).catch(() => []);
  return found.map(({ address }) => address);
}

function isOfThisMachine(address: string): boolean {
  if (/^(127\..*|::1)$/.test(address)) return true;
  return Object.values(networkInterfaces()).some((all) => all?.some((each) => each.address === address));
}

/** Each once. */
export function othersAmong(seen: readonly Seen[]): OtherDatabase[] {
  const others = seen.flatMap((each) => (each.kind === 'other' ? [each.other] : []));
  return [...new Map(others.map((each) => [each.title, each])).values()];
}

/** "localhost:5432, which POSTGRES_URL names (.env)" */
export function described({ title, named }: OtherDatabase): string {
  return named ? `${title}, which ${named.variable} names (${named.from})` : title;
}

function nameOf({ variables: [variable = ''], from }: InheritedDatabase): { variable: string; from: string } {
  return { variable, from };
}

/** A port of -1 is a Unix socket's; of other roles' sessions it is hidden from a role without rights. */
const SESSIONS = `
  SELECT datname AS database, client_port AS port, application_name LIKE $1 AS ours
    FROM pg_catalog.pg_stat_activity
   WHERE datname IS NOT NULL AND backend_type = 'client backend'`;
