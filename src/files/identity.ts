// What tells a folder that we made from any other that may stand under its name later.
import { type BigIntStats, constants, fstatSync, lstatSync, openSync } from 'node:fs';

export interface Identity {
  readonly device: string;
  readonly inode: string;
  /** The uid of its owner. */
  readonly owner: number;
}

/** Of the folder at `path` itself; undefined: there is none, but perhaps a link to one, which is never followed. */
export function identityOf(path: string): Identity | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats?.isDirectory() ? identify(stats) : undefined;
}

/** Of what `openFolder` opened. */
export function identityOfOpen(folder: number): Identity {
  return identify(fstatSync(folder, { bigint: true }));
}

/** Throws ELOOP or ENOTDIR for a link, whatever it leads to. */
export function openFolder(path: string | Buffer): number {
  return openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
}

export function isSame(one: Identity | undefined, other: Identity | undefined): boolean {
  return one?.device === other?.device && one?.inode === other?.inode && one?.owner === other?.owner;
}

function identify({ dev, ino, uid }: BigIntStats): Identity {
  return { device: String(dev), inode: String(ino), owner: Number(uid) };
}
