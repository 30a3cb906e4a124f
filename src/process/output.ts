// What a command prints, as lines: bounded, however long they are, and the last few for a message. Cost: linear in what is
// printed.
import { wantsColours } from '../text/colours.ts';
import { type Ends, keptAt, presentableEnds } from '../text/presentable.ts';
import { safe } from '../text/terminal.ts';

/** How many lines of output a message shows: an uncaught error of `pg` alone, with its message at the top, is 35. */
const TAIL = 40;
/** Characters of a line; of a longer one its beginning and its end are kept. */
const LONGEST = 2_000;

export interface LineReader {
  /** Takes the next piece; calls `onLine` for each line that it completes. */
  push(text: string): void;
  /** Calls `onLine` for what follows the last line end. */
  flush(): void;
}

/** Splits one stream into lines. */
export function readLines(onLine: (line: Ends) => void): LineReader {
  const kept = keptAt(LONGEST);
  let head = '';
  let tail = '';
  let skipped = 0;
  const take = (piece: string): void => {
    const room = kept - head.length;
    head += piece.slice(0, Math.max(0, room));
    const rest = room > 0 ? piece.slice(room) : piece;
    if (rest === '') return;
    tail += rest;
    // Cut now and then only: each cut copies what is kept.
    if (tail.length > 16 * kept) {
      skipped += tail.length - kept;
      tail = tail.slice(-kept);
    }
  };
  const end = (): void => {
    const more = Math.max(0, tail.length - kept);
    onLine({ head, skipped: skipped + more, tail: tail.slice(more) });
    head = '';
    tail = '';
    skipped = 0;
  };
  return {
    push(text) {
      let from = 0;
      for (let to = text.indexOf('\n'); to >= 0; to = text.indexOf('\n', from)) {
        take(text.slice(from, to));
        end();
        from = to + 1;
      }
      take(text.slice(from));
    },
    flush() {
      if (head) end();
    },
  };
}

/** For `stream`: with its colours where that shows any, and no secret was hidden. */
export function shownLine(
  line: Ends,
  stream: { readonly isTTY?: boolean },
  env: NodeJS.ProcessEnv = process.env,
): string {
  const whole = withoutReturn(line);
  const isLong = whole.skipped + whole.head.length + whole.tail.length > LONGEST;
  return isLong
    ? presentableEnds(whole, LONGEST)
    : safe(whole.head + whole.tail, wantsColours(stream, env) ? 'keep' : 'drop');
}

export interface OutputTail {
  push(stream: 'stdout' | 'stderr', text: string): void;
  /** The last lines of both streams, in the order in which they came, without colours and secrets. */
  lines(): string[];
}

/** Keeps the last lines of a command's output. */
export function keepTail(): OutputTail {
  const last: Ends[] = [];
  const keep = (line: Ends): void => {
    last.push(line);
    if (last.length > TAIL) last.shift();
  };
  const readers = { stdout: readLines(keep), stderr: readLines(keep) };
  return {
    push: (stream, text) => readers[stream].push(text),
    lines() {
      readers.stdout.flush();
      readers.stderr.flush();
      return last.map((line) => presentableEnds(withoutReturn(line), LONGEST));
    },
  };
}

function withoutReturn({ head, skipped, tail }: Ends): Ends {
  const cut = (text: string) => text.replace(/\r$/, '');
  return tail === '' ? { head: cut(head), skipped, tail } : { head, skipped, tail: cut(tail) };
}
