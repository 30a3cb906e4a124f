// What tells a folder that we made from any other that may stand under its name later.
import { lstatSync } from 'node:fs';

export interface Identity {
  readonly device: string;
  readonly inode: string;
  /** The uid of its owner. */
  readonly owner: number;
}

/** Of the folder at `path` itself; undefined: there is none, but perhaps a link to one, which is never followed. */
export function identityOf(path: string): Identity | undefined {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  if (!stats?.isDirectory()) return undefined;
  return { device: String(stats.dev), inode: String(stats.ino), owner: Number(stats.uid) };
}

export function isSame(one: Identity | undefined, other: Identity | undefined): boolean {
  return one?.device === other?.device && one?.inode === other?.inode && one?.owner === other?.owner;
}
