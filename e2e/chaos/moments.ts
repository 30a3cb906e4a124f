// The moments at which a run is hurt: some time after one of its events, so that a slow machine hits every phase, too.
import type { StacksEvent } from '../../src/events.ts';
import type { Random } from '../fuzz/random.ts';
import type { Running } from '../harness/run.ts';

/** What is under way after each. */
const EVENTS: readonly (StacksEvent['type'] | 'start')[] = [
  'start', // Playwright starts
  'run-started', // sweeping, Postgres starts
  'postgres-ready', // migrating, where its inputs were changed
  'template-ready', // cloning, servers boot
  'stack-opened', // workers start, the other slot opens
  'leased',
  'test-began',
  'test-began',
  'stack-closed', // tearing down
];
/** Milliseconds after it, at most. */
const AFTER = 800;
/** So many tests have begun, at most. */
const TESTS = 30;

export interface Moment {
  /** "test-began (12th) + 340 ms" */
  readonly title: string;
  /** Resolves then, or when the run has ended. */
  readonly come: (running: Running) => Promise<void>;
}

export function pickMoment(random: Random): Moment {
  const type = random.pick(EVENTS);
  const nth = type === 'test-began' ? 1 + random.below(TESTS) : 1;
  const ms = random.below(AFTER);
  return {
    title: `${type}${nth > 1 ? ` (${nth}th)` : ''} + ${ms} ms`,
    come: async (running) => {
      const seen = () => running.events().filter((event) => event.type === type).length >= nth;
      // A run that ends before is hurt no more: it was clean by itself.
      if (type !== 'start') await running.waitForEvent(seen, 120_000).catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, ms));
    },
  };
}
