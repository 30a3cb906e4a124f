// The timeline on a canvas, moved by pointer, wheel and keyboard.
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'preact/hooks';
import { inSight, pan, spanAt } from '../view/viewport.ts';
import { coloursOf, heightOf, measuresOf, Painter } from './draw.ts';
import { state } from './store.ts';
import { chosenView, lanes, limits, move, panBy, pointed, view, zoomBy } from './timeline-view.ts';

export function Picture() {
  const canvas = useRef<HTMLCanvasElement>(null);
  const [width, setWidth] = useState(0);
  const [theme, setTheme] = useState(0);
  const [isSeen, setSeen] = useState(false);
  useLayoutEffect(() => {
    const element = canvas.current;
    if (!element) return;
    const observer = new ResizeObserver(() => setWidth(element.clientWidth));
    observer.observe(element);
    // A little before it comes into sight: it is never empty then.
    const seen = new IntersectionObserver((entries) => setSeen(entries.at(-1)?.isIntersecting ?? false), {
      rootMargin: '300px',
    });
    seen.observe(element);
    const dark = matchMedia('(prefers-color-scheme: dark)');
    const change = () => setTheme((before) => before + 1);
    dark.addEventListener('change', change);
    const wheel = (event: WheelEvent) => onWheel(event, element);
    element.addEventListener('wheel', wheel, { passive: false });
    return () => {
      observer.disconnect();
      seen.disconnect();
      dark.removeEventListener('change', change);
      element.removeEventListener('wheel', wheel);
    };
  }, []);
  const measures = measuresOf(lanes.value.length, width);
  const height = heightOf(lanes.value.length, measures);
  const [all, shown, at] = [lanes.value, view.value, pointed.value];
  const painter = useMemo(() => new Painter(), []);
  const colours = useMemo(() => coloursOf(document.documentElement), [theme]);
  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext('2d');
    if (!element || !context || width === 0 || !isSeen) return;
    const ratio = Math.min(2, devicePixelRatio);
    const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
    // Setting them costs a new canvas, also where they stay.
    const isNew = element.width !== wide || element.height !== high;
    if (isNew) Object.assign(element, { width: wide, height: high });
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    const of = { lanes: all, view: shown, origin: state.peek().startedAt, width, measures };
    painter.draw(context, { ...of, colours, span: at?.span, lane: at?.lane }, isNew);
  }, [all, shown, at, width, height, colours, isSeen]);
  return (
    // biome-ignore lint/a11y/noInteractiveElementToNoninteractiveRole: it has its own keys; the table has the same.
    <canvas
      ref={canvas}
      class="picture"
      role="application"
      tabIndex={0}
      aria-label="Timeline: arrow keys move it, + and - zoom, 0 shows all, up and down choose a lane, n and p step through it. The same is in the table below."
      style={{ height: `${height}px` }}
      onKeyDown={onKey}
      onPointerDown={startDrag}
      onPointerMove={(event) => point(event, measures)}
      onPointerLeave={() => (pointed.value = undefined)}
      onDblClick={(event) => zoomBy(2.5, momentAt(event, measures.names))}
    />
  );
}

function momentAt(
  { offsetX, currentTarget }: { offsetX: number; currentTarget: EventTarget | null },
  names: number,
): number {
  const width = (currentTarget as HTMLElement).clientWidth - names;
  const { from, to } = view.peek();
  return from + ((offsetX - names) / width) * (to - from);
}

function point(event: PointerEvent, { names, axis, row }: ReturnType<typeof measuresOf>): void {
  if (event.buttons !== 0) return;
  const lane = lanes.peek()[Math.floor((event.offsetY - axis) / row)];
  const { from, to } = view.peek();
  const slack = (3 * (to - from)) / (event.currentTarget as HTMLElement).clientWidth;
  pointed.value = lane && {
    lane: lane.name,
    span: spanAt(inSight(lane.spans, view.peek()), momentAt(event, names), slack),
  };
}

function startDrag(event: PointerEvent): void {
  const element = event.currentTarget as HTMLElement;
  element.setPointerCapture(event.pointerId);
  let last = event.clientX;
  const drag = ({ clientX }: PointerEvent) => {
    panBy((last - clientX) / element.clientWidth);
    last = clientX;
  };
  element.addEventListener('pointermove', drag);
  element.addEventListener('pointerup', () => element.removeEventListener('pointermove', drag), { once: true });
  element.addEventListener('pointercancel', () => element.removeEventListener('pointermove', drag), { once: true });
}

/** Up and down scroll the page, as everywhere. */
function onWheel(event: WheelEvent, element: HTMLElement): void {
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    const { names } = measuresOf(lanes.peek().length, element.clientWidth);
    zoomBy(Math.exp(-event.deltaY / 200), momentAt({ offsetX: event.offsetX, currentTarget: element }, names));
  } else if (Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    event.preventDefault();
    panBy(event.deltaX / element.clientWidth);
  }
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const keys: Readonly<Record<string, () => void>> = {
    ArrowLeft: () => panBy(-0.1),
    ArrowRight: () => panBy(0.1),
    '+': () => zoomBy(1.6),
    '=': () => zoomBy(1.6),
    '-': () => zoomBy(1 / 1.6),
    0: () => (chosenView.value = undefined),
    ArrowUp: () => chooseLane(-1),
    ArrowDown: () => chooseLane(1),
    n: () => chooseSpan(1),
    p: () => chooseSpan(-1),
  };
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

function chooseLane(by: number): void {
  const all = lanes.peek();
  const before = all.findIndex(({ name }) => name === pointed.peek()?.lane);
  const lane = all[Math.max(0, Math.min(all.length - 1, before + by))];
  if (lane) pointed.value = { lane: lane.name, span: undefined };
}

function chooseSpan(by: number): void {
  if (!pointed.peek()) chooseLane(1);
  const { lane = '', span } = pointed.peek() ?? {};
  const spans = [...(lanes.peek().find(({ name }) => name === lane)?.spans ?? [])].sort(
    (one, other) => one.from - other.from,
  );
  const before = spans.findIndex(
    (each) => each.from === span?.from && each.kind === span.kind && each.title === span.title,
  );
  const next = before < 0 ? (by > 0 ? spans[0] : spans.at(-1)) : spans[before + by];
  if (!next) return;
  pointed.value = { lane, span: next };
  const { from, to } = view.peek();
  if (next.from < from || next.to > to)
    move(pan(view.peek(), (next.from + next.to) / 2 - (from + to) / 2, limits.peek()));
}
