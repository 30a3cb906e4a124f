// Stacks as they open: one line for all of them where nothing came between.
import type { StacksEvent } from '../events.ts';
import { stackTitle } from '../names.ts';
import { count } from './words.ts';

type Opened = Extract<StacksEvent, { type: 'stack-opened' }>;

export class OpenedStacks {
  #waiting: Opened[] = [];
  #opening = 0;
  #opened = 0;

  hear(event: StacksEvent): void {
    if (event.type === 'stack-opening' && !event.again) this.#opening += 1;
    if (event.type !== 'stack-opened' || event.again) return;
    this.#opening -= 1;
    this.#opened += 1;
    this.#waiting.push(event);
  }

  /** None is being opened. */
  get areAllOpen(): boolean {
    return this.#opening <= 0;
  }

  /** How many have opened. */
  get opened(): number {
    return this.#opened;
  }

  /** The line of those that have opened since this was last asked. */
  take(): string[] {
    const opened = this.#waiting;
    this.#waiting = [];
    const [only, ...others] = opened;
    if (!only) return [];
    return [others.length === 0 ? stackLine(only) : stacksLine(opened)];
  }
}

/** `slot 0 opened: 526 ms (clone 43, web 483) at http://localhost:27787` */
function stackLine({ slot, variant, url, ms }: Opened): string {
  const parts = Object.entries(openParts(ms)).map(([name, each]) => `${name} ${each}`);
  return `${stackTitle(slot, variant)} opened: ${ms.total} ms (${parts.join(', ')})${url ? ` at ${url}` : ''}`;
}

/** `4 stacks opened: 526–1356 ms (clone 43–257, web 483–1104)` */
function stacksLine(opened: readonly Opened[]): string {
  const all = new Map<string, number[]>();
  for (const { ms } of opened) {
    for (const [name, each] of Object.entries(openParts(ms))) all.set(name, [...(all.get(name) ?? []), each]);
  }
  const parts = [...all].map(([name, times]) => `${name} ${range(times)}`);
  return `${count(opened.length, 'stack')} opened: ${range(opened.map(({ ms }) => ms.total))} ms (${parts.join(', ')})`;
}

/** Milliseconds by part. */
export function openParts({ clone, worktree, prepare, servers }: Opened['ms']): Record<string, number> {
  return { clone, ...(worktree > 0 && { worktree }), ...(prepare > 0 && { prepare }), ...servers };
}

function range(numbers: readonly number[]): string {
  const [least, most] = [Math.min(...numbers), Math.max(...numbers)];
  return least === most ? String(least) : `${least}–${most}`;
}
