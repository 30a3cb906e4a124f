// Waiting, always with an end: for what only looking again can tell, for a promise, for an abort.
import { setTimeout as delay } from 'node:timers/promises';

export interface PollOptions {
  /** Milliseconds after which one last look is taken. */
  readonly timeout: number;
  /** Milliseconds between two looks; a function gets those since the first. */
  readonly interval: number | ((elapsed: number) => number);
  /** Its abort rejects. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * The first value of `look` that is not undefined; undefined when the time is over: the caller says what it waited for,
 * and what it saw instead.
 */
export async function poll<T>(
  look: () => T | undefined | Promise<T | undefined>,
  { timeout, interval, signal }: PollOptions,
): Promise<T | undefined> {
  const began = performance.now();
  for (;;) {
    const isLate = performance.now() - began >= timeout;
    const found = await look();
    if (found !== undefined || isLate) return found;
    const elapsed = performance.now() - began;
    const pause = typeof interval === 'number' ? interval : interval(elapsed);
    await delay(Math.min(pause, Math.max(1, timeout - elapsed)), undefined, { signal });
  }
}

/** An interval that grows with the time that was waited: `share` of it, within the two bounds. */
export function growing(least: number, most: number, share = 1): (elapsed: number) => number {
  return (elapsed) => Math.min(most, Math.max(least, elapsed * share));
}

/** Awaits `work`, but no longer than `timeout` milliseconds; the message says what it waited for. */
export async function within<T>(timeout: number, title: string, work: () => T | Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${title}: not done within ${timeout} ms`)), timeout);
  });
  try {
    return await Promise.race([work(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** What `promise` resolves to; undefined when it has not within `timeout` milliseconds. */
export async function inTime<T>(timeout: number, promise: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, timeout, undefined);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Awaits `work` until `signal` aborts, and rejects with its reason then. */
export async function orAbort<T>(signal: AbortSignal, work: T | Promise<T>): Promise<T> {
  signal.throwIfAborted();
  let onAbort = (): void => {};
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
  });
  try {
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}
