// Where a server's output goes: to its log file, all of it and as it is; line by line to the terminal where asked; its last
// lines into errors. What people are shown has no secrets.
import { openLog } from '../log-file.ts';
import { keepTail, readLines, shownLine } from '../process/output.ts';

export interface OutputTargets {
  readonly logFile: string;
  /** Stands before each line on the terminal: `web 0`. */
  readonly label: string;
  readonly stdout: 'pipe' | 'ignore';
  readonly stderr: 'pipe' | 'ignore';
  /** What the log says where it begins, but for the first time. @default 'started again' */
  readonly beginning?: string | undefined;
}

export interface ServerOutput {
  push(stream: 'stdout' | 'stderr', text: string): void;
  tail(): string[];
  close(): void;
}

/** Opens the log file, with its folders; what an earlier start wrote stays. */
export function openOutput({ logFile, label, beginning = 'started again', ...piped }: OutputTargets): ServerOutput {
  const log = openLog(logFile);
  if (log.hadContent) log.write(`---- ${beginning} at ${new Date().toISOString()} ----\n`);

  const tail = keepTail();
  const terminal = (stream: 'stdout' | 'stderr') =>
    piped[stream] === 'ignore'
      ? undefined
      : readLines((line) => process[stream].write(`[${label}] ${shownLine(line, process[stream])}\n`));
  const readers = { stdout: terminal('stdout'), stderr: terminal('stderr') };
  return {
    push(stream, text) {
      log.write(text);
      tail.push(stream, text);
      readers[stream]?.push(text);
    },
    tail: () => tail.lines(),
    close() {
      readers.stdout?.flush();
      readers.stderr?.flush();
      log.close();
    },
  };
}
