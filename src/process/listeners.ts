// Who listens on which TCP port. Linux reads /proc/net/tcp{,6} and finds the socket's inode among the open files of
// processes; macOS (untested) asks `lsof`.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { listProcesses, type ProcessEntry } from './processes.ts';

export interface Listener {
  readonly port: number;
  /** Undefined: a process that we may not look into. */
  readonly pid: number | undefined;
}

/** Who answers on a local port: processes of the server (`ours`), others (`stranger`), or nobody any more. */
export type PortOwner =
  | { readonly kind: 'ours' | 'nobody' }
  | { readonly kind: 'stranger'; readonly listener: Listener };

/** Whose the listeners on `port` are. With one of ours and one of a stranger's we cannot tell who answers: `stranger`. */
export function ownerOf(port: number, processes: readonly ProcessEntry[]): PortOwner {
  const members = new Set(processes.map(({ pid }) => pid));
  const found = listenersOn(port, members);
  const listener = found.find(({ pid }) => pid === undefined || !members.has(pid));
  if (listener) return { kind: 'stranger', listener };
  return { kind: found.length > 0 ? 'ours' : 'nobody' };
}

/** The ports that `processes` listen on, ascending. */
export function portsOf(processes: readonly ProcessEntry[]): number[] {
  const members = new Set(processes.map(({ pid }) => pid));
  const owned = listListeners(members).filter(({ pid }) => pid !== undefined && members.has(pid));
  return [...new Set(owned.map(({ port }) => port))].sort((a, b) => a - b);
}

/** Who listens on `port` of this machine's loopback; `first` are the processes to look into before all others. */
export function listenersOn(port: number, first: ReadonlySet<number> = new Set()): Listener[] {
  return listListeners(first, port);
}

function listListeners(first: ReadonlySet<number>, port?: number): Listener[] {
  return process.platform === 'linux' ? listByProc(first, port) : listByLsof(port);
}

function listByProc(first: ReadonlySet<number>, port?: number): Listener[] {
  const sockets = [...parseTable('/proc/net/tcp'), ...parseTable('/proc/net/tcp6')].filter(
    (socket) => port === undefined || (socket.port === port && socket.reachable === 'by localhost'),
  );
  const unknown = new Set(sockets.map(({ inode }) => inode));
  const owners = new Map<string, number>();
  // Without a port only the members' own are asked for: no need to look into anybody else's files.
  const rest = () => (port === undefined ? [] : listProcesses().map(({ pid }) => pid));
  for (const pids of [() => first, rest]) {
    if (unknown.size === 0) break;
    for (const pid of pids()) for (const inode of socketsOf(pid)) if (unknown.delete(inode)) owners.set(inode, pid);
  }
  return sockets.map((socket) => ({ port: socket.port, pid: owners.get(socket.inode) }));
}

interface ListeningSocket {
  readonly port: number;
  readonly inode: string;
  readonly reachable: 'by localhost' | 'elsewhere';
}

/** `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode`, addresses as `<hex>:<hex port>`. */
function parseTable(file: string): ListeningSocket[] {
  let table: string;
  try {
    table = readFileSync(file, 'latin1');
  } catch {
    return []; // A kernel without IPv6 has no tcp6.
  }
  return table.split('\n').flatMap((line) => {
    const fields = line.trim().split(/\s+/);
    const [address = '', port = ''] = fields[1]?.split(':') ?? [];
    const inode = fields[9];
    if (fields[3] !== LISTEN || inode === undefined) return [];
    const reachable = LOCALHOST.test(address) ? 'by localhost' : 'elsewhere';
    return [{ port: Number.parseInt(port, 16), inode, reachable }];
  });
}

const LISTEN = '0A';
/** 0.0.0.0, 127.x.x.x (bytes reversed), ::, ::1, and the IPv4 ones as IPv6; of a little-endian machine. */
const LOCALHOST = /^(0{8}|[0-9A-F]{6}7F|0{32}|0{24}01000000|0{16}F{4}0{4}([0-9A-F]{6}7F|0{8}))$/;

function socketsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode ? [inode] : [];
    });
  } catch {
    return []; // It has ended, or is another user's.
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // Closed while we were reading.
  }
}

/** Of `lsof -F pn` each process is a line `p<pid>`, followed by `n<address>:<port>` for each of its sockets. */
function listByLsof(port?: number): Listener[] {
  let output: string;
  try {
    const filter = port === undefined ? '-iTCP' : `-iTCP:${port}`;
    output = execFileSync('lsof', ['-nP', filter, '-sTCP:LISTEN', '-Fpn'], { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return []; // lsof exits with 1 when there is none.
  }
  const listeners: Listener[] = [];
  let pid: number | undefined;
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    else if (line.startsWith('n')) listeners.push({ port: Number(line.slice(line.lastIndexOf(':') + 1)), pid });
  }
  return listeners;
}
