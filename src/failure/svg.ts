// The pieces of a picture: lines of text, one below the other, on a card with the colours of light or dark.

/** Pixels. */
export const WIDTH = 960;
export const MARGIN = 28;
export const LINE = 18;
/** Characters of a line: of a monospaced font of 12 pixels as wide as any. */
const COLUMNS = 120;

export type Tone = 'text' | 'dim' | 'bad' | 'warn' | 'head';

/** What is drawn at a height, and how high it is. */
export interface Block {
  readonly height: number;
  draw(y: number): string;
}

/** @param most lines; of more it says how many */
export function lines(text: string, tone: Tone, most = 12, indent = 0): Block {
  const shown = wrapped(text.split('\n'), COLUMNS - indent, most);
  const x = MARGIN + indent * 7.2;
  return {
    height: shown.length * LINE,
    draw: (y) =>
      shown
        .map((line, n) => `<text class="${tone}" x="${x}" y="${y + n * LINE + 13}">${escapeXml(line)}</text>`)
        .join('\n'),
  };
}

export function gap(height: number): Block {
  return { height, draw: () => '' };
}

export function title(text: string): readonly Block[] {
  return [gap(14), lines(text, 'head', 1), gap(4)];
}

export function card(blocks: readonly Block[], label: string): string {
  let y = MARGIN - 6;
  const drawn = blocks.map((block) => {
    const text = block.draw(y);
    y += block.height;
    return text;
  });
  const height = y + MARGIN - 6;
  return `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${height}" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escapeXml(label)}">
<style>${STYLE}</style>
<rect class="card" x="0.5" y="0.5" width="${WIDTH - 1}" height="${height - 1}" rx="8"/>
${drawn.filter(Boolean).join('\n')}
</svg>
`;
}

const STYLE = `
:root { color-scheme: light dark }
text { font: 12px ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre }
.card { fill: #ffffff; stroke: #d1d9e0 } .axis { stroke: #d1d9e0 } .lane { fill: #f6f8fa }
.text { fill: #1f2328 } .dim { fill: #59636e } .bad { fill: #c4232b } .warn { fill: #8a5a00 }
.head { fill: #1f2328; font: 600 13px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif }
.bar { fill: #4a7fc1 } .bar.bad { fill: #c4232b } .bar.warn { fill: #c98a00 } .bar.request { fill: #8a6fc9 }
@media (prefers-color-scheme: dark) {
  .card { fill: #151b23; stroke: #3d444d } .axis { stroke: #3d444d } .lane { fill: #1f2630 }
  .text { fill: #e6edf3 } .dim { fill: #9198a1 } .bad { fill: #ff7b72 } .warn { fill: #e3b341 }
  .head { fill: #f0f6fc } .bar { fill: #5b95dd } .bar.bad { fill: #ff7b72 } .bar.warn { fill: #e3b341 } .bar.request { fill: #b39ddb }
}`;

/** What is no character of XML is left out: the picture would not be drawn at all. */
export function escapeXml(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** Lines of at most `columns` characters, of which the last says how much more there is than `most` lines. */
function wrapped(all: readonly string[], columns: number, most: number): string[] {
  const shown: string[] = [];
  for (const [index, line] of all.entries()) {
    // Only what is shown is cut into characters: it may be megabytes.
    let rest = [...line.slice(0, 2 * columns * (most + 1)).replaceAll('\t', '  ')];
    do {
      const end = endOf(rest, columns);
      shown.push(rest.slice(0, end).join(''));
      if (shown.length > most) return cut(shown, most, all.length - index);
      rest = end < rest.length ? [...'  ', ...rest.slice(end).join('').trimStart()] : [];
    } while (rest.length > 0);
  }
  return shown;
}

/** At a space where there is one; else by characters, none of which is cut in two. */
function endOf(characters: readonly string[], columns: number): number {
  if (characters.length <= columns) return characters.length;
  const space = characters.lastIndexOf(' ', columns);
  return space > columns / 2 ? space : columns;
}

function cut(shown: readonly string[], most: number, rest: number): string[] {
  if (most === 1) return [`${shown[0]} …`];
  return [...shown.slice(0, most - 1), rest > 1 ? `… ${rest} more lines` : '… and more'];
}
