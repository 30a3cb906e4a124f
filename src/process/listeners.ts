// Who listens on which TCP port. Linux lists the sockets and finds each among the open files of processes; macOS
// (untested) asks `lsof`.
import { execFileSync } from 'node:child_process';
import { listProcesses, type ProcessEntry } from './processes.ts';
import { socketInodes, tcpSockets } from './sockets.ts';

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
  const sockets = tcpSockets().filter(
    ({ state, localPort, localAddress }) =>
      state === 'listening' && (port === undefined || (localPort === port && LOCALHOST.test(localAddress))),
  );
  const unknown = new Set(sockets.map(({ inode }) => inode));
  const owners = new Map<string, number>();
  // Without a port only the members' own are asked for: no need to look into anybody else's files.
  const rest = () => (port === undefined ? [] : listProcesses().map(({ pid }) => pid));
  for (const pids of [() => first, rest]) {
    if (unknown.size === 0) break;
    for (const pid of pids()) for (const inode of socketInodes(pid)) if (unknown.delete(inode)) owners.set(inode, pid);
  }
  return sockets.map((socket) => ({ port: socket.localPort, pid: owners.get(socket.inode) }));
}

/** What a connection to localhost reaches: every address, and those of the loopback interface. */
const LOCALHOST = /^(0\.0\.0\.0|127\..*|::|::1)$/;

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
