// The processes that a command of ours consists of: the shell, and all that it started.
import { listProcesses, type ProcessEntry } from './processes.ts';

/**
 * Returns the function that lists those which still run below `root`, a session leader: its session and group, and
 * what descends from them (`setsid` gives a child a session of its own). Each look remembers what it saw, because a
 * descendant whose parent has died can no more be told from a stranger.
 */
export function trackMembers(root: number): () => ProcessEntry[] {
  let seen = new Map<number, string>();
  return () => {
    const table = listProcesses();
    const members = new Map<number, ProcessEntry>();
    const sessions = new Set([root]);
    const belongs = ({ pid, parent, group, session, started }: ProcessEntry): boolean =>
      pid === root || group === root || sessions.has(session) || members.has(parent) || seen.get(pid) === started;
    for (let grew = true; grew; ) {
      grew = false;
      for (const entry of table) {
        if (members.has(entry.pid) || !belongs(entry)) continue;
        members.set(entry.pid, entry);
        if (entry.session === entry.pid) sessions.add(entry.session);
        grew = true;
      }
    }
    seen = new Map([...members.values()].map(({ pid, started }) => [pid, started]));
    return [...members.values()];
  };
}
