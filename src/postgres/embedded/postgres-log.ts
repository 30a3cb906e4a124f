// The log of an embedded server: a file that its processes write themselves, each record at once, so that nobody's statement
// waits for a reader. Bounded: when it is full it begins anew.
import { closeSync, fstatSync, ftruncateSync, statfsSync } from 'node:fs';
import { dirname } from 'node:path';
import { openToAppend } from '../../files/open-to-append.ts';
import { logPosition, readSince } from '../../log-slice.ts';
import { ownLines } from '../statements/own-lines.ts';

/** Milliseconds between two looks at its size. */
const LOOK_MS = 1_000;
/** Bytes that are read of its end. */
const TAIL = 65_536;

export interface PostgresLog {
  /** For its processes. */
  readonly descriptor: number;
  /** The last lines since it was opened, but for what sessions ran. */
  tail(): string[];
  close(): void;
}

/** @param full bytes from which on it begins anew */
export function openPostgresLog(file: string, full: number): PostgresLog {
  const descriptor = openToAppend(file);
  const opened = logPosition(file);
  const timer = setInterval(() => {
    try {
      // Whoever appends goes on at the new end.
      if (fstatSync(descriptor).size > full) ftruncateSync(descriptor);
    } catch {
      clearInterval(timer); // The file system is gone: the run has other worries.
    }
  }, LOOK_MS).unref();
  let isOpen = true;
  return {
    descriptor,
    tail() {
      const { head, tail } = readSince(opened, TAIL);
      const lines = (tail === '' ? ownLines(head, 'beginning') : ownLines(tail, 'end')).slice(-20);
      return isFull(file) ? [...lines, `could not write ${file}: No space left on device`] : lines;
    },
    close() {
      clearInterval(timer);
      if (isOpen) closeSync(descriptor);
      isOpen = false;
    },
  };
}

/** What it would have said is not in it. */
function isFull(file: string): boolean {
  try {
    const { bavail, bfree } = statfsSync(dirname(file));
    return (process.geteuid?.() === 0 ? bfree : bavail) === 0;
  } catch {
    return false; // the folder is gone
  }
}
