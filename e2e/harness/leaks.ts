// What a run left behind, by difference to before it. Looks; removes nothing.
import { poll } from '../../src/wait.ts';
import { leftFiles, leftWorktrees, strayEntries } from './left-files.ts';
import { describeProcess, processesMarked, socketsOf } from './processes.ts';
import type { Project } from './project.ts';
import { listeningPorts, unixSockets } from './sockets.ts';

export interface Leak {
  readonly kind:
    | 'process'
    | 'port'
    | 'socket'
    | 'temporary file'
    | 'shared memory'
    | 'project file'
    | 'worktree'
    | 'database'
    | 'role'
    | 'entry'
    | 'advisory lock';
  readonly text: string;
}

/** A server outside the run whose state must be what it was. */
export interface Watched {
  readonly leaks: () => Promise<readonly Leak[]>;
  /** Takes the present state for what it was, so that a leak is told once. */
  readonly accept: () => Promise<void>;
}

export interface LeakScope {
  /** Begins the E2E_TAG of every run of the test. */
  readonly tag: string;
  /** The private TMPDIR. */
  readonly tmp: string;
  /** STACKS_CACHE. */
  readonly cache: string;
  /** The run's keys and folders, as its events tell them. */
  readonly runs: () => readonly { readonly run: string; readonly folder: string }[];
  readonly projects: readonly Project[];
  readonly watched: readonly Watched[];
}

/** Everything that is left now. */
export async function findLeaks(scope: LeakScope): Promise<Leak[]> {
  const runs = scope.runs();
  const ofServers = await Promise.all(scope.watched.map((server) => server.leaks()));
  return [
    ...leftProcesses(marksOf(scope)),
    ...leftSockets([scope.tmp, ...runs.map(({ run }) => run)]),
    ...strayEntries(scope, runs),
    ...scope.projects.flatMap(leftFiles),
    ...(await Promise.all(scope.projects.map(leftWorktrees))).flat(),
    ...ofServers.flat(),
  ];
}

/** What is still left after `timeout` milliseconds of looking, as the end of a run takes a moment. */
export async function lastingLeaks(
  scope: LeakScope,
  options: { readonly meant?: readonly RegExp[]; readonly timeout?: number } = {},
): Promise<Leak[]> {
  const { meant = [], timeout = 5_000 } = options;
  let leaks: Leak[] = [];
  const isClean = async () => {
    leaks = (await findLeaks(scope)).filter(({ text }) => !meant.some((pattern) => pattern.test(text)));
    return leaks.length === 0 || undefined;
  };
  await poll(isClean, { timeout, interval: 50 });
  return leaks;
}

/** What the environment, the command line or the working folder of a process of the test holds. */
export function marksOf({ tag, tmp, projects }: LeakScope): string[] {
  return [`E2E_TAG=${tag}`, tmp, ...projects.map(({ folder }) => folder)];
}

/** One line a leak. */
export function describeLeaks(leaks: readonly Leak[]): string {
  return leaks.map(({ kind, text }) => `  ${kind.padEnd(14)}  ${text}`).join('\n');
}

/** Processes that carry a mark, and the ports on which they listen. */
export function leftProcesses(marks: readonly string[]): Leak[] {
  const ports = new Map(listeningPorts().map(({ inode, address }) => [inode, address]));
  return processesMarked(marks).flatMap((found) => {
    const held = [...socketsOf(found.pid)].flatMap((inode) => ports.get(inode) ?? []);
    const listening = held.map((address): Leak => ({ kind: 'port', text: `${address}, held by pid ${found.pid}` }));
    return [{ kind: 'process', text: describeProcess(found) } as const, ...listening];
  });
}

function leftSockets(marks: readonly string[]): Leak[] {
  const ours = unixSockets().filter(({ address }) => marks.some((mark) => address.includes(mark)));
  return [...new Set(ours.map(({ address }) => address))].map((text) => ({ kind: 'socket', text }));
}
