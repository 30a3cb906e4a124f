// The processes that a command of ours, or a whole run, consists of: what is known to be its own, and all that it started.
import { listProcesses, type ProcessEntry } from './processes.ts';

/** Lists those which still run below `root`, a session leader: its session and group, and what descends from them. */
export function trackMembers(root: number): () => ProcessEntry[] {
  return trackFrom(({ pid, group, session }) => pid === root || group === root || session === root);
}

/**
 * Returns the function that lists those which `isRoot` tells, what descends from them, and the sessions that these lead
 * (`setsid` gives a child a session of its own). Each look remembers what it saw, because a descendant whose parent has
 * died can no longer be distinguished from a stranger.
 */
export function trackFrom(isRoot: (entry: ProcessEntry) => boolean): () => ProcessEntry[] {
  let seen = new Map<number, string>();
  return () => {
    const table = listProcesses();
    const members = new Map<number, ProcessEntry>();
    const sessions = new Set<number>();
    const add = (entry: ProcessEntry): void => {
      members.set(entry.pid, entry);
      if (entry.session === entry.pid) sessions.add(entry.session);
    };
    for (const entry of table) if (seen.get(entry.pid) === entry.started || isRoot(entry)) add(entry);
    for (let grew = true; grew; ) {
      grew = false;
      for (const entry of table) {
        if (members.has(entry.pid) || !(members.has(entry.parent) || sessions.has(entry.session))) continue;
        add(entry);
        grew = true;
      }
    }
    seen = new Map([...members.values()].map(({ pid, started }) => [pid, started]));
    return [...members.values()];
  };
}
