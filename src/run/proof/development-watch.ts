// Who of the stacks' servers is connected to a development server, looked at again and again: a connection to an API may
// be over before its test is. As long as nobody has such a connection, a look reads one table of the system.
import type { ResolvedStacks } from '../../config/resolved.ts';
import { type Connection, connectionsOf } from '../../process/connections.ts';
import { tcpSockets } from '../../process/sockets.ts';
import type { AppServer } from '../../server/app-server.ts';

/** A stack whose servers are looked at. */
export interface Watched {
  readonly servers: () => readonly AppServer[];
  /** Called with each connection at each look. */
  readonly note: (server: AppServer, connection: Connection) => void;
}

/** While a development server listens; a look may take a twentieth of one processor. */
const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
const SHARE = 20;

/** Where no server of a slot is to be connected. Postgres is none of them, whatever started it. */
export function developmentPorts(
  { developmentOrigin, developmentServers }: Pick<ResolvedStacks, 'developmentOrigin' | 'developmentServers'>,
  postgres: number,
): string[] {
  if (developmentOrigin === 'allow') return [];
  return [...developmentServers.keys()].filter((port) => port !== String(postgres));
}

export class DevelopmentWatch {
  readonly #ports: ReadonlySet<number>;
  readonly #watched: Watched[] = [];
  /** Connections whose owners were looked for, by the system's number of the socket. */
  #known: ReadonlySet<string> = new Set();
  #timer: NodeJS.Timeout | undefined;
  /** A development server listens, or somebody is connected to one. */
  #isThere = false;

  constructor(ports: Iterable<string>) {
    this.#ports = new Set([...ports].map(Number));
  }

  /** Servers could be connected to what was there at the last look. */
  get isThere(): boolean {
    return this.#isThere;
  }

  add(watched: Watched): void {
    this.#watched.push(watched);
  }

  /** Returns the function that ends it. */
  begin(): () => void {
    if (this.#ports.size === 0) return () => {};
    const again = (): void => {
      const began = performance.now();
      this.look();
      const pause = this.#isThere ? Math.max(SHORTEST_PAUSE_MS, SHARE * (performance.now() - began)) : LONGEST_PAUSE_MS;
      this.#timer = setTimeout(again, Math.min(pause, LONGEST_PAUSE_MS)).unref();
    };
    again();
    return () => clearTimeout(this.#timer);
  }

  /** @param all of these stacks, also connections that were seen before; by default of every stack, and new ones only */
  look(all: readonly Watched[] = []): void {
    if (this.#ports.size === 0) return;
    const sockets = tcpSockets();
    const open = sockets.filter(({ state, remotePort, remoteAddress, inode }) => {
      return state === 'established' && this.#ports.has(remotePort) && isLoopback(remoteAddress) && inode !== '0';
    });
    const listens = sockets.some(({ state, localPort }) => state === 'listening' && this.#ports.has(localPort));
    this.#isThere = listens || open.length > 0;
    const isNew = open.some(({ inode }) => !this.#known.has(inode));
    this.#known = new Set(open.map(({ inode }) => inode));
    if (open.length === 0) return;
    for (const watched of isNew ? this.#watched : all) {
      for (const server of watched.servers()) {
        for (const connection of connectionsOf(server.members())) {
          if (this.#ports.has(connection.port) && isLoopback(connection.address)) watched.note(server, connection);
        }
      }
    }
  }
}

function isLoopback(address: string): boolean {
  return /^(127\.|::1$)/.test(address);
}
