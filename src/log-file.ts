// A log file, for its owner only and bounded: of what is written the last is kept, in two files. Written at once, so that
// whoever prints faster than the disk writes has to wait, and not our memory.
import { closeSync, fstatSync, mkdirSync, renameSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { openToAppend } from './files/open-to-append.ts';

/** Bytes of a file. When it is full it becomes `<file>.1`, in the place of the one before. */
const FULL = 32 * 2 ** 20;

export interface LogFile {
  /** Whether something was in it when it was opened. */
  readonly hadContent: boolean;
  write(text: string): void;
  close(): void;
}

/** Opens `file`, with its folders; what is in it stays. A file that cannot be written costs the log and nothing else. */
export function openLog(file: string, full: number = FULL): LogFile {
  let open = tryTo(() => {
    mkdirSync(dirname(file), { recursive: true });
    return begin(file);
  });
  const end = () => {
    const { descriptor } = open ?? {};
    open = undefined;
    if (descriptor !== undefined) tryTo(() => closeSync(descriptor));
  };
  return {
    hadContent: (open?.size ?? 0) > 0,
    write(text) {
      if (open && open.size >= full) {
        end();
        open = tryTo(() => {
          renameSync(file, `${file}.1`);
          return begin(file);
        });
      }
      const { descriptor } = open ?? {};
      if (!open || descriptor === undefined) return;
      const written = tryTo(() => writeSync(descriptor, text));
      if (written === undefined)
        end(); // the disk is full
      else open.size += written;
    },
    close: end,
  };
}

function begin(file: string): { readonly descriptor: number; size: number } {
  const descriptor = openToAppend(file);
  return { descriptor, size: fstatSync(descriptor).size };
}

function tryTo<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch {
    return undefined; // a full disk, a folder in its place, another user's file
  }
}
