// The events of a run, as it wrote them to the file that STACKS_EVENTS names.
import { existsSync, readFileSync } from 'node:fs';
import type { StampedEvent } from '../../src/events.ts';

export type { StampedEvent } from '../../src/events.ts';

/** Every event so far; a line that is still being written is left for the next time. */
export function readEvents(file: string): StampedEvent[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').split('\n').slice(0, -1);
  return lines.map((line): StampedEvent => JSON.parse(line));
}
