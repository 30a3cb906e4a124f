// Draws a timeline on a canvas: of a picture that has moved all of it, else the lanes that have changed.
import type { Span } from '../../state/spans.ts';
import { type Bar, barsOf } from '../view/bars.ts';
import { hasOnlyGrown, type Lane } from '../view/lanes.ts';
import { clock } from '../view/times.ts';
import { ticks, type Viewport } from '../view/viewport.ts';

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
export interface Colours extends Readonly<Record<(typeof NAMES)[number], string>> {
  readonly font: string;
}

/** Those of the theme that is in use. */
export function coloursOf(element: Element): Colours {
  const style = getComputedStyle(element);
  const colours = Object.fromEntries(NAMES.map((name) => [name, style.getPropertyValue(`--${name}`)]));
  return { ...colours, font: `12px ${style.fontFamily}` } as Colours;
}

/** What a row shows. */
interface Row {
  readonly lane: Lane;
  readonly isPointedAt: boolean;
  readonly span: Span | undefined;
}

/** Remembers what it has drawn. */
export class Painter {
  #last: Picture | undefined;
  #rows: readonly Row[] = [];

  /** @param isEmpty nothing of what was drawn is there any more */
  draw(canvas: CanvasRenderingContext2D, picture: Picture, isEmpty: boolean): void {
    const { lanes, width, measures, colours } = picture;
    const isMoved = isEmpty || !this.#last || !isInPlace(this.#last, picture);
    canvas.font = colours.font;
    canvas.textBaseline = 'middle';
    if (isMoved) {
      canvas.clearRect(0, 0, width, heightOf(lanes.length, measures));
      drawAxis(canvas, picture);
    }
    const rows = lanes.map((lane): Row => {
      const isPointedAt = lane.name === picture.lane;
      return { lane, isPointedAt, span: isPointedAt ? picture.span : undefined };
    });
    for (const [index, row] of rows.entries()) {
      const before = isMoved ? undefined : this.#rows[index];
      if (!before || !isPointedAsBefore(row, before)) drawRow(canvas, row, index, picture);
      else if (row.lane === before.lane) continue;
      else if (hasOnlyGrown(row.lane, before.lane)) drawBars(canvas, row.lane.going, index, picture);
      else drawRow(canvas, row, index, picture);
    }
    this.#last = picture;
    this.#rows = rows;
  }
}

function isInPlace(one: Picture, other: Picture): boolean {
  return (
    one.lanes.length === other.lanes.length &&
    one.view.from === other.view.from &&
    one.view.to === other.view.to &&
    one.origin === other.origin &&
    one.width === other.width &&
    one.colours === other.colours
  );
}

function isPointedAsBefore(one: Row, other: Row): boolean {
  return one.isPointedAt === other.isPointedAt && one.span === other.span;
}

function drawRow(canvas: CanvasRenderingContext2D, { lane, isPointedAt }: Row, index: number, picture: Picture): void {
  const { width, measures, colours } = picture;
  const { names, axis, row } = measures;
  const y = axis + index * row;
  canvas.clearRect(0, y, width, row);
  canvas.fillStyle = colours.line;
  for (const { x } of marksOf(picture)) canvas.fillRect(x, y, 1, row);
  canvas.fillRect(0, y + row - 0.5, width, 0.5);
  canvas.fillStyle = isPointedAt ? colours.accent : colours.quiet;
  canvas.fillText(fitted(canvas, lane.name, names - 16), 8, y + row / 2);
  drawBars(canvas, lane.spans, index, picture);
}

function drawBars(canvas: CanvasRenderingContext2D, spans: readonly Span[], index: number, picture: Picture): void {
  const { width, view, measures } = picture;
  const { names, axis, row } = measures;
  const y = axis + index * row;
  canvas.save();
  canvas.beginPath();
  canvas.rect(names, y, width - names, row);
  canvas.clip();
  for (const bar of barsOf(spans, view, width - names)) drawBar(canvas, bar, y, picture);
  canvas.restore();
}

function drawAxis(canvas: CanvasRenderingContext2D, picture: Picture): void {
  const { origin, width, colours, measures } = picture;
  for (const { x, moment } of marksOf(picture)) {
    canvas.fillStyle = colours.line;
    canvas.fillRect(x, measures.axis - 6, 1, 6);
    canvas.fillStyle = colours.quiet;
    if (x < width - 44) canvas.fillText(clock(moment - origin), x + 4, measures.axis / 2);
  }
}

function marksOf({ view, origin, width, measures: { names } }: Picture) {
  const scale = (width - names) / (view.to - view.from);
  const moments = ticks(view, origin, Math.max(2, Math.floor((width - names) / 90)));
  return moments.map((moment) => ({ moment, x: names + (moment - view.from) * scale }));
}

function drawBar(canvas: CanvasRenderingContext2D, { span, x, width: exact, band }: Bar, y: number, picture: Picture) {
  const { measures, colours } = picture;
  const { names, row } = measures;
  // Whole pixels: one that is drawn again when it has grown leaves no darker edge.
  const left = Math.round(names + x);
  const width = Math.max(1, Math.round(names + x + exact) - left);
  const [top, height] = band === 'upper' ? [y + 3, row - 12] : [y + row - 8, 5];
  canvas.fillStyle = colourOf(span, colours);
  if (span.kind === 'wait') hatch(canvas, left, top, width, height);
  else canvas.fillRect(left, top, width > 4 ? width - 1 : width, height);
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
