// Who has left a connection to Postgres open in the runner: a step that is a function, or what runs there besides.
import type { Task } from '../config/resolved.ts';
import type { Events } from '../events.ts';
import { nameLeftOpen, onLoss } from '../postgres/client/left-open.ts';

/** Runs a step. @param port Postgres': what a function leaves open to it is the step's */
export async function namingLeftOpen(task: Task, title: string, port: number, run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } finally {
    if (task.kind === 'function') nameLeftOpen(port, `\`${title}\``);
  }
}

/** Says once of each who it was, when such a connection ends with its database. Returns the function that ends it. */
export function emitLeftOpen(events: Events): () => void {
  const reported = new Set<string>();
  return onLoss((owner = '`globalSetup`, or what it or the config imports,') => {
    if (reported.has(owner)) return;
    reported.add(owner);
    events.emit({ type: 'connection-left-open', owner });
  });
}
