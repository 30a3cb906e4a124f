// What isolation has cost in a run, for its summary.
import type { StacksEvent } from '../events.ts';
import { originTitle } from '../names.ts';
import { someOf } from '../text/some-of.ts';
import { count, median, milliseconds } from './words.ts';

/** Names in a list. */
const MOST = 3;

export class IsolationCost {
  /** Milliseconds. */
  readonly #clones: number[] = [];
  readonly #rewinds: number[] = [];
  readonly #rebuilds: { readonly why: string; readonly ms: number }[] = [];
  /** After whom rows were written late. */
  readonly #late: string[] = [];

  hear(event: StacksEvent): void {
    if (event.type === 'stack-opened') this.#clones.push(event.ms.clone);
    if (event.type === 'rewound') this.#rewinds.push(event.ms);
    if (event.type === 'rewind-impossible')
      this.#rebuilds.push({ why: `${event.reason}: ${event.what}`, ms: event.ms });
    if (event.type === 'late-writes') this.#late.push(originTitle(event));
  }

  /** One line for each that there was. */
  lines(): string[] {
    return [
      ...spread('clones', this.#clones),
      ...spread('rewinds', this.#rewinds),
      ...this.#rebuildLines(),
      ...this.#lateLines(),
    ];
  }

  #rebuildLines(): string[] {
    if (this.#rebuilds.length === 0) return [];
    const times = new Map<string, number>();
    for (const { why } of this.#rebuilds) times.set(why, (times.get(why) ?? 0) + 1);
    const reasons = [...times].sort(([, a], [, b]) => b - a).map(([why, n]) => (n > 1 ? `${why} (${n} times)` : why));
    const ms = this.#rebuilds.reduce((sum, each) => sum + each.ms, 0);
    const rebuilt = `${count(this.#rebuilds.length, 'stack')} opened anew in ${milliseconds(ms)}`;
    return [`${rebuilt}, which could not be rewound: ${someOf(reasons, MOST)}`];
  }

  #lateLines(): string[] {
    if (this.#late.length === 0) return [];
    return [`late writes: ${count(this.#late.length, 'time')}, after ${someOf([...new Set(this.#late)], MOST)}`];
  }
}

/** `rewinds: 61, median 4 ms, worst 31 ms` */
function spread(what: string, ms: readonly number[]): string[] {
  if (ms.length === 0) return [];
  const worst = Math.max(...ms);
  return [`${what}: ${ms.length}, median ${milliseconds(median(ms))}, worst ${milliseconds(worst)}`];
}
