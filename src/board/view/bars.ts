// What is drawn of a lane, in pixels: many spans of a long run share one, and are drawn once.
import type { Span } from '../../state/spans.ts';
import { inSight, type Viewport } from './viewport.ts';

export interface Bar {
  readonly span: Span;
  readonly x: number;
  readonly width: number;
  /** `upper`: what the slot did. `lower`: what isolation, locks and waiting were of it. */
  readonly band: 'upper' | 'lower';
}

const UPPER = new Set<Span['kind']>(['test', 'boot', 'fresh clone', 'broken', 'crash']);

/** Pixels: the narrowest that can be seen. */
const NARROWEST = 2;

/** @param width pixels of the whole */
export function barsOf(spans: readonly Span[], view: Viewport, width: number): readonly Bar[] {
  const scale = width / (view.to - view.from);
  const drawn = new Map<string, number>();
  return inSight(spans, view).flatMap((span) => {
    const x = Math.max(0, (span.from - view.from) * scale);
    const right = Math.max(x + NARROWEST, Math.min(width, (span.to - view.from) * scale));
    const look = `${span.kind} ${span.outcome}`;
    // One of the same look is there already, but for less than a pixel.
    if (right < (drawn.get(look) ?? Number.NEGATIVE_INFINITY) + 1) return [];
    drawn.set(look, right);
    return [{ span, x, width: right - x, band: UPPER.has(span.kind) ? ('upper' as const) : ('lower' as const) }];
  });
}
