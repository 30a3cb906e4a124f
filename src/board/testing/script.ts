// Events with their times, one after the other.
import type { StacksEvent, StampedEvent } from '../../events.ts';

export function stack(slot: number) {
  return { slot, variant: 'default' } as const;
}

export function worker(slot: number) {
  return { ...stack(slot), worker: slot } as const;
}

export class Script {
  at: number;
  /** When the test of each slot did. */
  readonly began = new Map<number, number>();
  readonly all: StampedEvent[] = [];

  constructor(began: number) {
    this.at = began;
  }

  /** @param ms since the one before */
  add(ms: number, event: StacksEvent): void {
    this.at += ms;
    this.all.push({ at: this.at, run: 'c0ffee4711', ...event });
  }
}
