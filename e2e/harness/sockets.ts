// Listening TCP ports and Unix sockets with a path, as the kernel lists them.
import { existsSync, readFileSync } from 'node:fs';

export interface Socket {
  readonly inode: string;
  /** "port 5432", or the path of a Unix socket. */
  readonly address: string;
}

const LISTEN = '0A';

export function listeningPorts(): Socket[] {
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => rowsOf(file));
  return rows.flatMap(([, local, , state, , , , , , inode]) => {
    if (state !== LISTEN || !local || !inode) return [];
    return [{ inode, address: `port ${Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16)}` }];
  });
}

/** TCP sockets that listen, and whether only this machine reaches them. */
export function loopbackPorts(): (Socket & { readonly loopback: boolean })[] {
  const rows = ['/proc/net/tcp', '/proc/net/tcp6'].flatMap((file) => rowsOf(file));
  return listeningPorts().map((socket) => {
    const local = rows.find((row) => row[9] === socket.inode)?.[1] ?? '';
    return { ...socket, loopback: LOOPBACK.test(local) };
  });
}

/** 127.x.x.x (bytes reversed), ::1, and the former as IPv6. */
const LOOPBACK = /^([0-9A-F]{6}7F|0{24}01000000|0{16}F{4}0{4}[0-9A-F]{6}7F):/;

/** Sockets bound to a path, as long as a process holds them. */
export function unixSockets(): Socket[] {
  return rowsOf('/proc/net/unix').flatMap(([, , , , , , inode, address]) => {
    return inode && address?.startsWith('/') ? [{ inode, address }] : [];
  });
}

function rowsOf(file: string): string[][] {
  if (!existsSync(file)) return []; // No IPv6.
  const [, ...lines] = readFileSync(file, 'utf8').trim().split('\n');
  return lines.map((line) => line.trim().split(/\s+/));
}
