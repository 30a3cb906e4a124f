// The TCP connections that processes have made: to whom, and from which port of their own. Linux reads /proc; macOS
// (untested) asks `lsof`.
import { execFileSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import type { ProcessEntry } from './processes.ts';
import { socketInodes, type TcpSocket, tcpSockets } from './sockets.ts';

export interface Connection {
  readonly pid: number;
  readonly localPort: number;
  /** `127.0.0.1`, `::1` */
  readonly address: string;
  readonly port: number;
}

/** Established ones that `processes` have made to others; those that they have accepted are not among them. */
export function connectionsOf(processes: readonly Pick<ProcessEntry, 'pid'>[]): Connection[] {
  const pids = processes.map(({ pid }) => pid);
  return process.platform === 'linux' ? byProc(pids) : byLsof(pids);
}

function byProc(pids: readonly number[]): Connection[] {
  const tables = new Map<string, TcpSocket[]>();
  const all = pids.flatMap((pid) => {
    const inodes = new Set(socketInodes(pid));
    if (inodes.size === 0) return [];
    // A container of its own has a table of its own.
    const network = networkOf(pid);
    const table = tables.get(network) ?? tcpSockets(pid);
    tables.set(network, table);
    return table.filter(({ inode }) => inodes.has(inode)).map((socket) => ({ ...socket, pid }));
  });
  const listening = new Set(all.filter(({ state }) => state === 'listening').map(({ localPort }) => localPort));
  return all
    .filter(({ state, localPort, remotePort, remoteAddress }) => {
      // What one of them has accepted, and what one of them listens to.
      const isWithin = listening.has(localPort) || (listening.has(remotePort) && /^(127\.|::1$)/.test(remoteAddress));
      return state === 'established' && !isWithin;
    })
    .map(({ pid, localPort, remoteAddress, remotePort }) => {
      return { pid, localPort, address: remoteAddress, port: remotePort };
    });
}

function networkOf(pid: number): string {
  try {
    return readlinkSync(`/proc/${pid}/ns/net`);
  } catch {
    return `of ${pid}`; // It has just ended, or the kernel has no namespaces.
  }
}

/** Of `lsof -F pn` each process is a line `p<pid>`, followed by `n<local>:<port>-><remote>:<port>` for each connection. */
function byLsof(pids: readonly number[]): Connection[] {
  let output: string;
  try {
    const args = ['-nP', '-a', '-iTCP', '-sTCP:ESTABLISHED', '-p', pids.join(), '-Fpn'];
    output = execFileSync('lsof', args, { encoding: 'utf8', stdio: 'pipe' });
  } catch {
    return []; // lsof exits with 1 when there is none.
  }
  const connections: Connection[] = [];
  let pid = 0;
  for (const line of output.split('\n')) {
    if (line.startsWith('p')) pid = Number(line.slice(1));
    const [, localPort, address = '', port] = /^n.*:(\d+)->\[?([^\]]*)\]?:(\d+)$/.exec(line) ?? [];
    if (port) connections.push({ pid, localPort: Number(localPort), address, port: Number(port) });
  }
  return connections;
}
