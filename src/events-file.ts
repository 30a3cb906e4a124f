// STACKS_EVENTS: what happens in a run, as a file of NDJSON.
import { appendFileSync, closeSync } from 'node:fs';
import { messageOf, StacksError } from './errors.ts';
import type { Listener } from './events.ts';
import { openToAppend } from './files/open-to-append.ts';

/** A listener that appends each event as a line of JSON to `file`, which only its owner may read. */
export function ndjson(file: string): Listener {
  return (event) => {
    const descriptor = open(file);
    try {
      appendFileSync(descriptor, `${JSON.stringify(event)}\n`);
    } finally {
      closeSync(descriptor);
    }
  };
}

function open(file: string): number {
  try {
    return openToAppend(file);
  } catch (cause) {
    throw new StacksError('OPTIONS_INVALID', `STACKS_EVENTS cannot be written to: ${messageOf(cause)}.`, { cause });
  }
}
