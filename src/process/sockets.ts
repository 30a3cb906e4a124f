// The TCP sockets that Linux lists in /proc/net/tcp{,6}, and which of them a process has open.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

export interface TcpSocket {
  readonly state: 'listening' | 'established' | 'other';
  readonly localAddress: string;
  readonly localPort: number;
  /** `127.0.0.1`, `::1`; IPv4 behind an IPv6 socket is written as IPv4. */
  readonly remoteAddress: string;
  readonly remotePort: number;
  readonly inode: string;
}

/**
 * Those of the network namespace of `pid`, but for connections that are over: in TIME_WAIT none belongs to a process any
 * more, and after some tests hundreds are, which are not read in vain.
 * @param ports of these only, on either side
 */
export function tcpSockets(pid: number | 'self' = 'self', ports?: Iterable<number>): TcpSocket[] {
  const wanted = ports === undefined ? /^ *\d+: \S+ \S+ (?!06).*$/gm : linesOf(ports);
  return ['tcp', 'tcp6'].flatMap((table) =>
    parseTcpTable((textOf(`/proc/${pid}/net/${table}`).match(wanted) ?? []).join('\n')),
  );
}

function linesOf(ports: Iterable<number>): RegExp {
  const hex = [...ports].map((port) => port.toString(16).toUpperCase().padStart(4, '0')).join('|');
  return new RegExp(`^ *\\d+: (?:\\S+:(?:${hex}) \\S+|\\S+ \\S+:(?:${hex})) (?!06).*$`, 'gm');
}

/** Lines of `sl local_address rem_address st tx:rx tr:when retrnsmt uid timeout inode`, addresses as `<hex>:<hex port>`. */
export function parseTcpTable(table: string): TcpSocket[] {
  return table.split('\n').flatMap((line) => {
    const [, local = '', remote = '', state = '', , , , , , inode] = line.trim().split(/\s+/);
    if (inode === undefined || !local.includes(':')) return [];
    const [localAddress, localPort] = endpoint(local);
    const [remoteAddress, remotePort] = endpoint(remote);
    const named = state === '0A' ? 'listening' : state === '01' ? 'established' : 'other';
    return [{ state: named, localAddress, localPort, remoteAddress, remotePort, inode }];
  });
}

/** The inodes of the sockets that `pid` has open, TCP or not. */
export function socketInodes(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const inode = /^socket:\[(\d+)\]$/.exec(linkOf(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode ? [inode] : [];
    });
  } catch {
    return []; // It has ended, or is another user's.
  }
}

/** Each word of four bytes is written as the number that a little-endian machine reads in it. */
function endpoint(text: string): [address: string, port: number] {
  const [hex = '', port = ''] = text.split(':');
  const words = hex.match(/.{8}/g) ?? [];
  const bytes = words.flatMap((word) => (word.match(/../g) ?? []).reverse()).map((byte) => Number.parseInt(byte, 16));
  return [addressOf(bytes), Number.parseInt(port, 16)];
}

const MAPPED = '0,0,0,0,0,0,0,0,0,0,255,255';

function addressOf(bytes: readonly number[]): string {
  if (bytes.length === 4) return bytes.join('.');
  if (bytes.slice(0, 12).join() === MAPPED) return bytes.slice(12).join('.');
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((bytes[2 * i] ?? 0) * 256 + (bytes[2 * i + 1] ?? 0)).toString(16),
  );
  // The URL parser shortens it the way everybody writes it.
  return new URL(`http://[${groups.join(':')}]`).hostname.slice(1, -1);
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // A kernel without IPv6 has no tcp6; a process may just have ended.
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // Closed while we were reading.
  }
}
