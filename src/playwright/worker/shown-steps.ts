// What a worker waits for, as steps of the test or hook that waits: in the report and the trace, with its time.
import { test } from '@playwright/test';
import type { StepNotification } from '../../lease/protocol.ts';
import { beginStep } from '../private.ts';

/** Does the work as a step; without one where no test runs, as when a worker ends. */
export async function showStep<T>(title: string, work: () => Promise<T>): Promise<T> {
  const end = begin(title);
  try {
    return await work();
  } finally {
    end();
  }
}

/** Ends those that the pool has begun, by title. */
const open = new Map<string, () => void>();

/** A step of the pool's, while this worker waits for its stack. */
export function onStep({ step, state }: StepNotification): void {
  open.get(step)?.();
  open.delete(step);
  if (state === 'began') open.set(step, begin(step));
}

/** Nothing is waited for any more. */
export function endSteps(): void {
  for (const end of open.values()) end();
  open.clear();
}

function begin(title: string): () => void {
  try {
    return beginStep(test.info(), title);
  } catch {
    return () => {}; // there is no test now
  }
}
