// What a command prints, as lines: whole ones as they come, and the last few for a message.
import { stripVTControlCharacters } from 'node:util';

/** How many lines of output a message shows: an uncaught error of `pg` alone, with its message at the top, is 35. */
const TAIL = 40;

export interface LineReader {
  /** Takes the next piece; calls `onLine` for each line that it completes. */
  push(text: string): void;
  /** Calls `onLine` for what stands after the last line end. */
  flush(): void;
}

/** Splits one stream into lines. */
export function readLines(onLine: (line: string) => void): LineReader {
  let rest = '';
  return {
    push(text) {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) onLine(line.replace(/\r$/, ''));
    },
    flush() {
      if (rest) onLine(rest);
      rest = '';
    },
  };
}

export interface OutputTail {
  push(stream: 'stdout' | 'stderr', text: string): void;
  /** The last lines of both streams, in the order in which they came, without colours. */
  lines(): string[];
}

/** Keeps the last lines of a command's output. */
export function keepTail(): OutputTail {
  const last: string[] = [];
  const keep = (line: string): void => {
    last.push(stripVTControlCharacters(line));
    if (last.length > TAIL) last.shift();
  };
  const readers = { stdout: readLines(keep), stderr: readLines(keep) };
  return {
    push: (stream, text) => readers[stream].push(text),
    lines() {
      readers.stdout.flush();
      readers.stderr.flush();
      return [...last];
    },
  };
}
