// Who of the stacks' servers is connected to a development server, looked at again and again: a connection to an API may
// be over before its test is, or within milliseconds. A look reads one table of the system, and of that only the lines
// with such a port; whose processes are whose is known beforehand.
import type { ResolvedStacks } from '../../config/resolved.ts';
import { socketInodes, type TcpSocket, tcpSockets } from '../../process/sockets.ts';
import type { AppServer } from '../../server/app-server.ts';

/** A stack whose servers are looked at. */
export interface Watched {
  readonly servers: () => readonly AppServer[];
  /** Called with the port of each connection at each look. */
  readonly note: (server: AppServer, port: number) => void;
}

/** The processes of a server, as they were `at` that time. */
interface Members {
  readonly at: number;
  readonly pids: readonly number[];
}

/** A server was connected to a port. */
export interface Seen {
  readonly server: string;
  readonly port: number;
}

/** While a development server listens; looks may take a sixtieth of one processor. */
const SHORTEST_PAUSE_MS = 20;
const LONGEST_PAUSE_MS = 1_000;
const LOOKS = 60;
/** After which processes are listed anew, which may take a 300th. */
const MEMBERS_MS = 1_000;
const LISTS = 300;

/** Where no server of a slot is to be connected. Postgres is none of them, whatever started it. */
export function developmentPorts(
  { developmentOrigin, developmentServers }: Pick<ResolvedStacks, 'developmentOrigin' | 'developmentServers'>,
  postgres: number,
): string[] {
  if (developmentOrigin === 'allow') return [];
  return [...developmentServers.keys()].filter((port) => port !== String(postgres));
}

export class DevelopmentWatch {
  /** In this run, by variant: a retry on another slot would be right by chance. */
  readonly seen: Map<string, Map<string, Seen>> = new Map();
  readonly #ports: ReadonlySet<number>;
  readonly #watched: Watched[] = [];
  /** Connections whose owners were looked for, by the system's number of the socket, and when they were seen first. */
  #known = new Map<string, { readonly since: number; isSettled: boolean }>();
  readonly #members = new Map<AppServer, Members>();
  #membersMs = MEMBERS_MS;
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
      const pause = this.#isThere ? Math.max(SHORTEST_PAUSE_MS, LOOKS * (performance.now() - began)) : LONGEST_PAUSE_MS;
      // Before there is anything to be seen: by then a connection may be over.
      if (this.#isThere) this.#listMembers(this.#watched);
      this.#timer = setTimeout(again, Math.min(pause, LONGEST_PAUSE_MS)).unref();
    };
    again();
    return () => clearTimeout(this.#timer);
  }

  /** @param all of these stacks, also connections that were seen before; by default of every stack, and new ones only */
  look(all: readonly Watched[] = []): void {
    if (this.#ports.size === 0) return;
    const sockets = tcpSockets('self', this.#ports);
    const open = sockets.filter(({ state, remotePort, remoteAddress, inode }) => {
      return state !== 'listening' && this.#ports.has(remotePort) && isLoopback(remoteAddress) && inode !== '0';
    });
    const listening = sockets.filter(({ state, localPort }) => state === 'listening' && this.#ports.has(localPort));
    this.#isThere = listening.length > 0 || open.length > 0;
    const now = performance.now();
    this.#known = new Map(
      open.map(({ inode }) => [inode, this.#known.get(inode) ?? { since: now, isSettled: false }] as const),
    );
    const fresh = open.filter(({ inode }) => !this.#known.get(inode)?.isSettled);
    this.#match(fresh, listening, this.#watched);
    if (fresh.length > 0 || (all.length > 0 && open.length > 0)) this.#listMembers(this.#watched);
    this.#match(open, listening, all);
    // A process that is listed for the first time after its connection was seen is looked at once more.
    const oldest = Math.min(...[...this.#members.values()].map(({ at }) => at));
    for (const known of this.#known.values()) known.isSettled ||= oldest > known.since;
  }

  #match(open: readonly TcpSocket[], listening: readonly TcpSocket[], watched: readonly Watched[]): void {
    if (open.length === 0) return;
    for (const { servers, note } of watched) {
      for (const server of servers()) {
        const own = new Set((this.#members.get(server)?.pids ?? []).flatMap(socketInodes));
        const within = listening.filter(({ inode }) => own.has(inode)).map(({ localPort }) => localPort);
        for (const { inode, remotePort } of open) {
          if (own.has(inode) && !within.includes(remotePort)) note(server, remotePort);
        }
      }
    }
  }

  #listMembers(watched: readonly Watched[]): void {
    const began = performance.now();
    const servers = watched.flatMap((each) => each.servers());
    const old = servers.filter((server) => !((this.#members.get(server)?.at ?? -Infinity) > began - this.#membersMs));
    for (const server of old) this.#members.set(server, { at: began, pids: server.members().map(({ pid }) => pid) });
    for (const server of this.#members.keys()) if (!servers.includes(server)) this.#members.delete(server);
    if (old.length > 0) this.#membersMs = Math.max(MEMBERS_MS, LISTS * (performance.now() - began));
  }
}

function isLoopback(address: string): boolean {
  return /^(127\.|::1$)/.test(address);
}
