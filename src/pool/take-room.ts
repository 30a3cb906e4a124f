// Waits until an existing server has connections enough for another stack, and says so where it has not.
import type { Events } from '../events.ts';
import type { StackPlan } from './plan.ts';
import type { RunContext } from './run-context.ts';

/** Milliseconds that a stack waits for room: others may have long runs. */
export const ROOM_PATIENCE = 1_800_000;

/** Resolves to the function that gives the room back. Throws DATABASE_FULL. */
export async function takeRoom(
  { variant, info }: StackPlan,
  { postgres, signal }: RunContext,
  events: Events,
): Promise<() => Promise<void>> {
  if (!postgres.room) return async () => {};
  const { slot } = info;
  const connections = variant.databases.reduce((sum, each) => sum + each.connections, 0);
  return postgres.room.take({
    connections,
    signal,
    patience: ROOM_PATIENCE,
    onWait: ({ free, total }) =>
      events.emit({ type: 'stack-waits', slot, variant: variant.name, needed: connections, free, total }),
  });
}
