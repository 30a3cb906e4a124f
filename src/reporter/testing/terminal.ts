// As much of a terminal as is needed to see what stands on it: lines, wraps, scrolling, cursor movements.
import { closeSync, openSync } from 'node:fs';
import { widthOf } from '../../text/columns.ts';
import type { ScreenStream } from '../screen.ts';

// biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is made of them.
const PARTS = /\x1b\[([0-9;?]*)([A-Za-z])|[\s\S]/gu;

export class Terminal {
  readonly columns: number;
  readonly rows: number;
  /** With what has scrolled away. */
  #lines: string[][] = [[]];
  #row = 0;
  #column = 0;

  constructor(columns: number, rows = 24) {
    this.columns = columns;
    this.rows = rows;
  }

  write(text: string): void {
    for (const [part, numbers = '', command] of text.matchAll(PARTS)) {
      if (command) this.#obey(command, Number(numbers || '1'), numbers);
      else if (part === '\n') this.#newLine();
      else if (part === '\r') this.#column = 0;
      else this.#put(part);
    }
  }

  /** All that can be seen and scrolled to, without what is empty at the end. */
  get text(): string {
    return this.#lines
      .map((line) => line.join('').trimEnd())
      .join('\n')
      .trimEnd();
  }

  /** Both streams of a process, on a descriptor that says that they are one. */
  streams(): { out: ScreenStream; err: ScreenStream; close: () => void } {
    const fd = openSync('/dev/null', 'w');
    const { columns, rows } = this;
    const write = (chunk: string | Uint8Array) => {
      this.write(typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString());
      return true;
    };
    const stream = (): ScreenStream => ({ fd, isTTY: true, columns, rows, write: write as ScreenStream['write'] });
    return { out: stream(), err: stream(), close: () => closeSync(fd) };
  }

  #put(character: string): void {
    const width = widthOf(character);
    if (this.#column + width > this.columns) this.#newLine();
    const line = this.#line();
    while (line.length < this.#column) line.push(' ');
    line[this.#column] = character;
    this.#column += width;
  }

  #newLine(): void {
    this.#row += 1;
    this.#column = 0;
    this.#line();
  }

  #obey(command: string, n: number, numbers: string): void {
    const top = Math.max(0, this.#lines.length - this.rows);
    if (command === 'A') this.#row = Math.max(top, this.#row - n);
    if (command === 'E') this.#row = Math.min(this.#lines.length - 1, this.#row + n);
    if (command === 'E') this.#column = 0;
    if (command === 'G') this.#column = Math.max(0, n - 1);
    if (command === 'K') this.#lines[this.#row] = numbers === '2' ? [] : this.#line().slice(0, this.#column);
    if (command !== 'J') return;
    this.#lines[this.#row] = this.#line().slice(0, this.#column);
    for (const below of this.#lines.keys()) if (below > this.#row) this.#lines[below] = [];
  }

  #line(): string[] {
    this.#lines[this.#row] ??= [];
    return this.#lines[this.#row] as string[];
  }
}
