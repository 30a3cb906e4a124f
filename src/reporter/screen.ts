// The terminal, to which the user's reporters write as well. What they write passes unchanged, with the cursor where they
// left it; a block of lines of ours stands below, and is taken away for each write of theirs.
import { fstatSync } from 'node:fs';
import { widthOf } from '../text/columns.ts';
import { withoutColours } from '../text/printable.ts';
import { safe } from '../text/terminal.ts';

export interface ScreenStream {
  readonly fd?: number;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write: NodeJS.WriteStream['write'];
}

/** What writes beside us: `line` wipes the row above the cursor, `list` finds its rows by counting up from it. */
export type Neighbour = 'line' | 'list' | 'other';

export interface ScreenOptions {
  readonly colours: 'keep' | 'drop';
  /** `plain`: nobody else writes there, as in UI mode. */
  readonly mode?: 'shared' | 'plain';
  readonly out?: ScreenStream;
  readonly err?: ScreenStream;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: `line` begins all that it writes so.
const OF_LINE = /^\x1b\[1A\x1b\[2K/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: up by more than one row.
const FAR_UP = /\x1b\[(?:[2-9]|\d\d+)A/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: to the beginning of a row below.
const DOWN = /\x1b\[\d*E$/;
/** Characters of a write that say where the cursor is. */
const LOOKED_AT = 1_000;

export class Screen {
  readonly colours: 'keep' | 'drop';
  readonly isTerminal: boolean;
  readonly #err: ScreenStream;
  readonly #write: (text: string) => void;
  readonly #restore: (() => void)[] = [];
  readonly #close = () => this.close();
  #neighbour: Neighbour = 'other';
  /** What `line` has written in the row above the cursor. */
  #row = '\n';
  /** Whether the cursor is in the first column. */
  #atLineStart = true;
  #block: readonly string[] = [];
  /** Of it, what is on the screen. */
  #drawn: readonly string[] = [];
  /** Lines that are printed when this turn of the event loop ends or, beside `list`, at the end. */
  #held: string[] = [];
  #next: NodeJS.Immediate | undefined;
  #isClosed = false;

  constructor({ colours, mode = 'shared', out = process.stdout, err = process.stderr }: ScreenOptions) {
    this.colours = colours;
    this.#err = err;
    this.#write = err.write.bind(err);
    const isShared = mode === 'shared' && isSameFile(out, err);
    this.isTerminal = isShared && out.isTTY === true && err.isTTY === true;
    if (isShared) for (const stream of new Set([out, err])) this.#watch(stream);
    process.on('exit', this.#close);
  }

  get columns(): number {
    return this.#err.columns || 80; // some pseudo-terminals say 0
  }

  get rows(): number | undefined {
    return this.#err.rows || undefined;
  }

  /** What else is there, from now on. */
  beside(neighbour: Neighbour): void {
    this.#neighbour = neighbour;
  }

  /** A line of ours that stays; beside `list`, whose rows it would move, at the end. */
  print(text: string): void {
    this.command(safe(text, this.colours).replace(/^/gm, '[stacks] '));
  }

  /** A line as it is, as one that a CI runner obeys. */
  command(line: string): void {
    this.#held.push(`${line}\n`);
    if (this.isTerminal && !this.#isClosed) this.#soon();
    else this.#printHeld();
  }

  /** Lines that stand below everything until others take their place. They must fit into a row each. */
  show(lines: readonly string[]): void {
    if (!this.isTerminal || this.#isClosed) return;
    this.#block = lines.map((line) => safe(line, this.colours));
    this.#soon();
  }

  /** Takes the block away, and prints what is held. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    process.off('exit', this.#close);
    clearImmediate(this.#next);
    this.#erase();
    this.#printHeld();
    for (const restore of this.#restore) restore();
  }

  #watch(stream: ScreenStream): void {
    const original = stream.write;
    const watched = (...args: unknown[]): boolean => {
      if (this.#isClosed) return Reflect.apply(original, stream, args);
      this.#erase();
      const result = Reflect.apply(original, stream, args);
      this.#note(args[0]);
      if (this.isTerminal) this.#soon();
      return result;
    };
    stream.write = watched as ScreenStream['write'];
    this.#restore.push(() => {
      if (stream.write === watched) stream.write = original; // else somebody else does the same
    });
  }

  /** Somebody else has written. */
  #note(chunk: unknown): void {
    const text = typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array).toString();
    if (this.isTerminal && FAR_UP.test(text)) this.#neighbour = 'list';
    if (this.isTerminal && OF_LINE.test(text) && this.#neighbour === 'other') this.#neighbour = 'line';
    const row = OF_LINE.test(text) ? text.replace(OF_LINE, '') : '';
    this.#row = row !== '' && row.indexOf('\n') === row.length - 1 ? row : '\n';
    const visible = withoutColours(text.slice(-LOOKED_AT));
    if (DOWN.test(text)) this.#atLineStart = true;
    else if (visible !== '') this.#atLineStart = visible.endsWith('\n');
  }

  #soon(): void {
    this.#next ??= setImmediate(() => {
      this.#next = undefined;
      this.#erase();
      if (this.#neighbour !== 'list') this.#printHeld();
      this.#draw();
    });
  }

  #printHeld(): void {
    if (this.#held.length === 0) return;
    const text = this.#held.join('');
    this.#held = [];
    const isLine = this.#neighbour === 'line' && this.isTerminal;
    const before = !this.#atLineStart ? '\n' : isLine ? '\x1b[1A\x1b[2K' : '';
    this.#write(`${before}${text}${isLine ? (this.#atLineStart ? this.#row : '\n') : ''}`);
    this.#atLineStart = true;
  }

  #draw(): void {
    if (this.#block.length === 0 || this.#neighbour === 'list' || !this.#atLineStart) return;
    this.#write(this.#block.join('\n'));
    this.#drawn = this.#block;
  }

  #erase(): void {
    if (this.#drawn.length === 0) return;
    // The terminal may have become narrower meanwhile, and have wrapped them.
    const rows = this.#drawn.reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / this.columns)), 0);
    this.#drawn = [];
    this.#write(`\r${rows > 1 ? `\x1b[${rows - 1}A` : ''}\x1b[J`);
  }
}

/** Both streams end in one terminal, pipe or file, where what one writes is beside what the other writes. */
function isSameFile({ fd: one }: ScreenStream, { fd: other }: ScreenStream): boolean {
  if (one === undefined || other === undefined) return false;
  try {
    const [a, b] = [fstatSync(one), fstatSync(other)];
    return a.dev === b.dev && a.ino === b.ino;
  } catch {
    return false; // closed
  }
}
