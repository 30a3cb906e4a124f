// A picture in a terminal, whose lines all fit: so it can be drawn again in its place.
import { safe } from '../text/terminal.ts';

/** At most `rows` - 1 lines, none as wide as the terminal: the cursor can go back by as many as there are. */
export function frame(text: string, { columns, rows }: { readonly columns: number; readonly rows: number }): string[] {
  // 0: a terminal that does not say its size.
  const [width, height] = [columns || 80, rows || 24];
  const lines = safe(text).replaceAll('\t', ' ').replace(/\n$/, '').split('\n');
  return lines.slice(0, Math.max(1, height - 1)).map((line) => cut(line, width - 1));
}

function cut(line: string, width: number): string {
  let left = width;
  let cut = '';
  for (const character of line) {
    left -= columnsOf(character);
    if (left < 0) break;
    cut += character;
  }
  return cut;
}

/** As many as a terminal may take: wide scripts and pictures have two. */
function columnsOf(character: string): number {
  return (character.codePointAt(0) ?? 0) < 0x1100 ? 1 : 2;
}
