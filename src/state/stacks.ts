// The stacks of the run, each with its servers.
import type { StampedEvent } from '../events.ts';
import { stackTitle } from '../names.ts';
import type { RunState, ServerState, StackState, WorktreeState } from './run-state.ts';

type Stacks = RunState['stacks'];

export function reduceStacks(stacks: Stacks, event: StampedEvent): Stacks {
  if (!('slot' in event && 'variant' in event)) return stacks;
  const title = stackTitle(event.slot, event.variant);
  const before = stacks[title] ?? newStack(event);
  const after = reduceStack(before, event);
  return after === before && stacks[title] ? stacks : { ...stacks, [title]: after };
}

function newStack({ slot, variant }: { slot: number; variant: string }): StackState {
  return {
    ...{ slot, variant, status: 'opening', database: undefined, url: undefined, worker: undefined },
    ...{ servers: [], worktree: undefined, ms: undefined, opened: 0, isQueued: false },
  };
}

function reduceStack(stack: StackState, event: StampedEvent): StackState {
  switch (event.type) {
    case 'stack-waits':
      return { ...stack, status: 'waiting' };
    case 'machine-waits':
      return { ...stack, isQueued: true };
    case 'machine-taken':
      return { ...stack, isQueued: false };
    case 'stack-opening':
      return { ...stack, status: 'opening' };
    case 'stack-opened': {
      const { database, url, servers, ms, worktree: path } = event;
      const counts = stack.worktree ?? { resets: 0, ms: 0, worst: 0, commits: 0 };
      const worktree = path === undefined ? undefined : { ...counts, path };
      const open = servers.map((server) => running(server, serverOf(stack, server.name)));
      return { ...stack, status: 'open', database, url, servers: open, worktree, ms, opened: stack.opened + 1 };
    }
    case 'stack-closed':
      return { ...stack, status: 'closed', worker: undefined, servers: stack.servers.map(stopped) };
    case 'leased':
      return { ...stack, worker: event.worker };
    case 'released':
      return stack.worker === event.worker
        ? { ...stack, worker: undefined, isQueued: false }
        : { ...stack, isQueued: false };
    case 'server-exited': {
      const why = { message: event.message, test: event.test };
      return change(stack, event.server, (server) => ({ ...server, health: 'failed', exits: server.exits + 1, why }));
    }
    case 'server-restarted':
      return change(stack, event.server, (server) => running({ ...server, pid: event.pid }, server));
    case 'worktree-reset':
    case 'committed':
      return stack.worktree ? { ...stack, worktree: used(stack.worktree, event) } : stack;
    case 'servers-stopped':
      return event.servers.reduce((rest, name) => change(rest, name, stopped), stack);
    default:
      return stack;
  }
}

function running(
  { name, pid, port }: Pick<ServerState, 'name' | 'pid' | 'port'>,
  before: ServerState | undefined,
): ServerState {
  const { exits = 0, why } = before ?? {};
  return { name, pid, port, health: exits > 0 ? 'replaced' : 'healthy', exits, why };
}

function used(worktree: WorktreeState, event: Extract<StampedEvent, { type: 'worktree-reset' | 'committed' }>) {
  if (event.type === 'committed') return { ...worktree, commits: worktree.commits + event.refs.length };
  const { resets, ms, worst } = worktree;
  return { ...worktree, resets: resets + 1, ms: ms + event.ms, worst: Math.max(worst, event.ms) };
}

function stopped(server: ServerState): ServerState {
  return { ...server, health: 'stopped' };
}

function serverOf({ servers }: StackState, name: string): ServerState | undefined {
  return servers.find((server) => server.name === name);
}

function change(stack: StackState, name: string, next: (server: ServerState) => ServerState): StackState {
  return { ...stack, servers: stack.servers.map((server) => (server.name === name ? next(server) : server)) };
}
