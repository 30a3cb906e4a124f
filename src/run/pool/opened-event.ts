// What is there now that a stack has opened, as the event that tells of it.
import type { StacksEvent } from '../../events.ts';
import type { StackPlan } from './plan.ts';
import type { OpenStack } from './stack.ts';

/** @param again it was open before */
export function openedEvent(
  { info, variant, ports }: StackPlan,
  { servers, ms }: OpenStack,
  again: boolean,
): StacksEvent {
  const { slot, database, url, workspace } = info;
  const databaseOf = new Map(variant.servers.map((server) => [server.name, server.database]));
  return {
    ...{ type: 'stack-opened', slot, variant: info.variant, database, url, worktree: workspace?.path, again, ms },
    servers: servers.running.map(({ name, pid, port }) => {
      return { name, pid, port: ports[name] ?? port, database: databaseOf.get(name) };
    }),
  };
}
