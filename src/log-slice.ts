// What was written to a log file since a moment, by byte offsets: its beginning and its end, however much came between.
// The file may have become `<file>.1` meanwhile, as `log-file.ts` has it.
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import type { Ends } from './text/presentable.ts';

/** A moment of a log. */
export interface LogPosition {
  readonly file: string;
  /** 0: there was no file yet. */
  readonly inode: number;
  readonly offset: number;
  /** What stands before it: another text does where the file was emptied, and has grown again. */
  readonly before: string;
}

/** Bytes of a log by which a moment of it is known. */
const BEFORE = 64;

export function logPosition(file: string): LogPosition {
  const part = open(file);
  if (!part) return { file, inode: 0, offset: 0, before: '' };
  try {
    return { file, inode: part.inode, offset: part.to, before: textBefore(part, part.to) };
  } finally {
    closeSync(part.descriptor);
  }
}

/** Whether all that was written since is still there. */
export function isWhole(position: LogPosition): boolean {
  const parts = filesOf(position);
  try {
    return position.inode === 0 || parts.some((part) => isOf(part, position));
  } finally {
    for (const { descriptor } of parts) closeSync(descriptor);
  }
}

/** @param kept bytes of each end; `skipped` is in bytes, too */
export function readSince(position: LogPosition, kept: number): Ends {
  const parts = partsSince(position);
  try {
    const total = parts.reduce((sum, { from, to }) => sum + to - from, 0);
    if (total <= 2 * kept) return { head: readAt(parts, 0, total), skipped: 0, tail: '' };
    return { head: readAt(parts, 0, kept), skipped: total - 2 * kept, tail: readAt(parts, total - kept, kept) };
  } finally {
    for (const { descriptor } of parts) closeSync(descriptor);
  }
}

/** The same as text of whole records and of parts of some: the ends are apart, whatever the second begins with. */
export function textSince(position: LogPosition, kept: number): string {
  const { head, skipped, tail } = readSince(position, kept);
  return skipped === 0 ? head : `${head}\n\n${tail}`;
}

/** An open file, and the bytes of it that count. */
interface Part {
  readonly descriptor: number;
  readonly inode: number;
  readonly from: number;
  readonly to: number;
}

/** The older one first. Where the file of that moment is gone, all that is there is younger. */
function partsSince(position: LogPosition): readonly Part[] {
  const all = filesOf(position);
  const begun = all.findLastIndex((part) => isOf(part, position));
  return all.map((part, index) => ({ ...part, from: index < begun ? part.to : index === begun ? position.offset : 0 }));
}

/** The older one first. */
function filesOf({ file }: LogPosition): readonly Part[] {
  return [open(`${file}.1`), open(file)].filter((part) => part !== undefined);
}

function isOf(part: Part, { inode, offset, before }: LogPosition): boolean {
  return part.inode === inode && part.to >= offset && textBefore(part, offset) === before;
}

function textBefore({ descriptor }: Part, offset: number): string {
  const bytes = Buffer.alloc(Math.min(BEFORE, offset));
  return bytes.toString('latin1', 0, readSync(descriptor, bytes, 0, bytes.length, offset - bytes.length));
}

/** Undefined: there is none, or no plain file. */
function open(file: string): Part | undefined {
  let descriptor: number;
  try {
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch {
    return undefined;
  }
  const stats = fstatSync(descriptor);
  if (stats.isFile()) return { descriptor, inode: stats.ino, from: 0, to: stats.size };
  closeSync(descriptor);
  return undefined;
}

function readAt(parts: readonly Part[], at: number, length: number): string {
  const bytes = Buffer.alloc(length);
  let [skip, filled] = [at, 0];
  for (const { descriptor, from, to } of parts) {
    const available = to - from;
    const wanted = Math.min(available - skip, length - filled);
    if (wanted > 0) filled += readSync(descriptor, bytes, filled, wanted, from + skip);
    skip = Math.max(0, skip - available);
  }
  return bytes.toString('utf8', 0, filled);
}
