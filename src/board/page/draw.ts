// Draws a timeline on a canvas.
import type { Span } from '../../state/spans.ts';
import { type Bar, barsOf } from '../view/bars.ts';
import { clock } from '../view/times.ts';
import { type Lane, ticks, type Viewport } from '../view/viewport.ts';

export interface Picture {
  readonly lanes: readonly Lane[];
  readonly view: Viewport;
  /** When the run began. */
  readonly origin: number;
  /** Pixels. */
  readonly width: number;
  readonly measures: Measures;
  readonly colours: Colours;
  /** What is pointed at. */
  readonly span: Span | undefined;
  readonly lane: string | undefined;
}

export interface Measures {
  /** Width of the lanes' names, height of the axis, height of a lane. */
  readonly names: number;
  readonly axis: number;
  readonly row: number;
}

export function measuresOf(lanes: number, width: number): Measures {
  return { names: width < 560 ? 58 : 104, axis: 22, row: lanes > 16 ? 18 : 28 };
}

export function heightOf(lanes: number, { axis, row }: Measures): number {
  return axis + Math.max(1, lanes) * row + 2;
}

const NAMES = [
  ...['text', 'quiet', 'line', 'sheet', 'accent', 'passed', 'failed', 'flaky'],
  ...['running', 'waiting', 'boot', 'rewind', 'clone', 'lock', 'wait'],
] as const;
export type Colours = Readonly<Record<(typeof NAMES)[number], string>>;

/** Those of the theme that is in use. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  return Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`)])) as Colours;
}

export function draw(canvas: CanvasRenderingContext2D, picture: Picture): void {
  const { lanes, width, measures, view, colours } = picture;
  const { names, axis, row } = measures;
  canvas.clearRect(0, 0, width, heightOf(lanes.length, measures));
  canvas.font = `12px ${getComputedStyle(canvas.canvas).fontFamily}`;
  canvas.textBaseline = 'middle';
  drawAxis(canvas, picture);
  for (const [index, { name, spans }] of lanes.entries()) {
    const y = axis + index * row;
    canvas.fillStyle = name === picture.lane ? colours.accent : colours.quiet;
    canvas.fillText(fitted(canvas, name, names - 16), 8, y + row / 2);
    canvas.fillStyle = colours.line;
    canvas.fillRect(0, y + row - 0.5, width, 0.5);
    canvas.save();
    canvas.beginPath();
    canvas.rect(names, y, width - names, row);
    canvas.clip();
    for (const bar of barsOf(spans, view, width - names)) drawBar(canvas, bar, y, picture);
    canvas.restore();
  }
}

function drawAxis(canvas: CanvasRenderingContext2D, picture: Picture): void {
  const { view, origin, width, lanes, colours, measures } = picture;
  const { names, axis } = measures;
  const scale = (width - names) / (view.to - view.from);
  for (const moment of ticks(view, origin, Math.max(2, Math.floor((width - names) / 90)))) {
    const x = names + (moment - view.from) * scale;
    canvas.fillStyle = colours.line;
    canvas.fillRect(x, axis - 6, 1, heightOf(lanes.length, measures) - axis + 6);
    canvas.fillStyle = colours.quiet;
    if (x < width - 44) canvas.fillText(clock(moment - origin), x + 4, axis / 2);
  }
}

function drawBar(canvas: CanvasRenderingContext2D, { span, x, width, band }: Bar, y: number, picture: Picture): void {
  const { measures, colours } = picture;
  const { names, row } = measures;
  const left = names + x;
  const [top, height] = band === 'upper' ? [y + 3, row - 12] : [y + row - 8, 5];
  canvas.fillStyle = colourOf(span, colours);
  if (span.kind === 'wait') hatch(canvas, left, top, width, height);
  else canvas.fillRect(left, top, Math.max(1, width - 0.5), height);
  // Not by colour alone.
  if (span.outcome === 'failed' || span.kind === 'crash' || span.kind === 'broken') {
    canvas.fillRect(left, y + 1, Math.max(2, Math.min(width, 3)), row - 3);
  }
  if (band === 'upper' && width > 46 && height >= 12) {
    canvas.fillStyle = colours.sheet;
    canvas.fillText(fitted(canvas, span.title, width - 10), left + 5, top + height / 2 + 0.5);
  }
  if (span === picture.span) {
    canvas.strokeStyle = colours.text;
    canvas.lineWidth = 2;
    canvas.strokeRect(left, top - 1, Math.max(3, width), height + 2);
  }
}

/** Nothing is done in it. */
function hatch(canvas: CanvasRenderingContext2D, x: number, y: number, width: number, height: number): void {
  for (let at = 0; at < width; at += 4) canvas.fillRect(x + at, y, 2, height);
}

function colourOf({ kind, outcome }: Span, colours: Colours): string {
  switch (kind) {
    case 'test':
      if (outcome === undefined) return colours.running;
      return outcome === 'skipped' || outcome === 'cancelled' ? colours.waiting : colours[outcome];
    case 'fresh clone':
      return colours.clone;
    case 'late writes':
    case 'restart':
      return colours.flaky;
    case 'crash':
    case 'broken':
      return colours.failed;
    case 'step':
    case 'worktree':
      return colours.boot;
    default:
      return colours[kind];
  }
}

/** With dots where there is no room for all of it. */
function fitted(canvas: CanvasRenderingContext2D, text: string, width: number): string {
  const shown = text.slice(0, 200);
  if (canvas.measureText(shown).width <= width) return shown;
  let [low, high] = [0, shown.length];
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (canvas.measureText(`${shown.slice(0, middle)}…`).width <= width) low = middle;
    else high = middle - 1;
  }
  return low === 0 ? '' : `${shown.slice(0, low)}…`;
}
