// Where a server's output goes: always to its log file, line by line to the terminal where asked, its tail into errors.
import { createWriteStream, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { keepTail, readLines } from '../process/output.ts';

export interface OutputTargets {
  readonly logFile: string;
  /** Stands before each line on the terminal: `web 0`. */
  readonly label: string;
  readonly stdout: 'pipe' | 'ignore';
  readonly stderr: 'pipe' | 'ignore';
}

export interface ServerOutput {
  push(stream: 'stdout' | 'stderr', text: string): void;
  tail(): string[];
  /** Settles when all is written. */
  close(): Promise<void>;
}

/** Opens the log file, with its folders; what an earlier start wrote stays. */
export function openOutput({ logFile, label, stdout, stderr }: OutputTargets): ServerOutput {
  mkdirSync(dirname(logFile), { recursive: true });
  const startedBefore = (statSync(logFile, { throwIfNoEntry: false })?.size ?? 0) > 0;
  const log = createWriteStream(logFile, { flags: 'a' });
  // A full disk must cost the log, not the run.
  log.on('error', () => {});
  if (startedBefore) log.write(`---- started again at ${new Date().toISOString()} ----\n`);

  const tail = keepTail();
  // This is the one place that writes to the terminal: the user asked for it with `stdout: 'pipe'`.
  const terminal = {
    stdout: readLines((line) => stdout === 'pipe' && process.stdout.write(`[${label}] ${line}\n`)),
    stderr: readLines((line) => stderr === 'pipe' && process.stderr.write(`[${label}] ${line}\n`)),
  };
  return {
    push(stream, text) {
      log.write(text);
      tail.push(stream, text);
      terminal[stream].push(text);
    },
    tail: () => tail.lines(),
    close() {
      terminal.stdout.flush();
      terminal.stderr.flush();
      return new Promise((resolve) => log.end(() => resolve()));
    },
  };
}
