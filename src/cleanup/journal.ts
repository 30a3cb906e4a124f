// The run's journal, in its folder: what has to be removed when the run ends, noted before it is made. Lines of JSON,
// appended at once; the reaper and the sweeps of later runs read it. The first line says whose journal it is.
import { appendFileSync, closeSync, constants, lstatSync, openSync, utimesSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Identity } from '../files/identity.ts';
import { readOwnFile } from '../files/read-file.ts';
import { runOfFolder } from '../names.ts';
import { machine, startOf } from '../process/processes.ts';

/** What a run makes beside files in its folder. */
export type Entry =
  /** A session of processes; noted as soon as its leader runs. */
  | { readonly kind: 'group'; readonly title: string; readonly pid: number; readonly started: string }
  /** The run's reaper: it ends by itself, unless somebody has stopped it. */
  | { readonly kind: 'reaper'; readonly pid: number; readonly started: string }
  /** An existing Postgres server, on which there are databases with the run's key in their names. */
  | { readonly kind: 'server'; readonly url: string }
  /** The folder of an embedded Postgres, as it was made; noted as soon as it is there. */
  | { readonly kind: 'data'; readonly folder: string; readonly identity: Identity }
  /** The folder of what a stack's servers copy, as it was made. */
  | { readonly kind: 'copies'; readonly folder: string; readonly identity: Identity }
  /** The folder of the worktrees, and the git folders of the user's repositories. */
  | {
      readonly kind: 'workspaces';
      readonly folder: string;
      readonly identity: Identity;
      readonly users: readonly string[];
    };

/** A process, also when it has ended. */
export interface Runner {
  /** With the moment of its start: a pid is given out again. */
  readonly pid: number;
  readonly started: string;
  /** A pid means nothing on another machine, in another container, after another boot. */
  readonly machine: string;
}

/** Whose journal it is. */
export interface Head extends Runner {
  readonly run: string;
  /** The project's folder. */
  readonly root: string;
  readonly at: number;
}

export interface Journal extends Head {
  /** What was noted and is not known to be gone. */
  readonly open: readonly Entry[];
  /** 'closed': the runner has removed what it could, and its workers are done. */
  readonly state: 'open' | 'closed';
}

/** Notes that what an entry stands for is gone. */
export type Gone = () => void;

type Line =
  | { readonly head: Head }
  | { readonly id: number; readonly entry: Entry }
  | { readonly gone: number }
  | { readonly closed: true };

export class JournalWriter {
  readonly head: Head;
  /** Undefined: it is closed. It is not opened again by name: whoever emptied the temporary folder may have put another there. */
  #file: number | undefined;
  #ids = 0;

  /** Begins the journal in the run's `folder`. */
  constructor(folder: string, { run, root }: Pick<Head, 'run' | 'root'>) {
    const { O_APPEND, O_CREAT, O_EXCL, O_WRONLY } = constants;
    this.#file = openSync(journalFile(folder), O_APPEND | O_CREAT | O_EXCL | O_WRONLY, 0o600);
    this.head = { run, ...thisRunner(), root, at: Date.now() };
    this.#append({ head: this.head });
  }

  /** Call it before the thing is made, which must not be when this throws: the disk is full. */
  note(entry: Entry): Gone {
    this.#ids += 1;
    const id = this.#ids;
    this.#append({ id, entry });
    return () => this.#tryToAppend({ gone: id });
  }

  close(): void {
    this.#tryToAppend({ closed: true });
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }

  /** For whoever starts processes: notes a session leader. */
  readonly noteGroup = (pid: number, title: string): Gone => {
    try {
      return this.note({ kind: 'group', title, pid, started: startOf(pid) ?? '' });
    } catch {
      return () => {}; // The disk is full: the mark in its environment tells it, too.
    }
  };

  /** For whoever makes the folder of an embedded Postgres. */
  readonly noteData = (folder: string, identity: Identity): Gone => this.note({ kind: 'data', folder, identity });

  /** Also begins with the end of a line: what was there may have been cut short by a full disk. */
  #append(line: Line): void {
    if (this.#file !== undefined) appendFileSync(this.#file, `\n${JSON.stringify(line)}\n`);
  }

  #tryToAppend(line: Line): void {
    try {
      this.#append(line);
    } catch {
      // The disk is full: the reaper looks for something that is gone.
    }
  }
}

/** Undefined: there is no journal of ours in `folder`, or nothing in it yet. */
export function readJournal(folder: string): Journal | undefined {
  const text = readOwnFile(journalFile(folder)) ?? '';
  const open = new Map<number, Entry>();
  let head: Head | undefined;
  let state: Journal['state'] = 'open';
  for (const line of text.split('\n').flatMap(parse)) {
    if ('head' in line) head = line.head;
    else if ('entry' in line) open.set(line.id, line.entry);
    else if ('gone' in line) open.delete(line.gone);
    else state = 'closed';
  }
  // What was moved there from another run's folder says nothing about this one.
  return head?.run === runOfFolder(basename(folder)) && head ? { ...head, open: [...open.values()], state } : undefined;
}

/** None for a line that was cut short by the runner's end, or a full disk: what it stood for was not made. */
function parse(json: string): Line[] {
  try {
    return json === '' ? [] : [JSON.parse(json)];
  } catch {
    return [];
  }
}

/** Milliseconds between two touches of a living run's journal, and after how many without one it is not living. */
export const TOUCH_INTERVAL_MS = 3_600_000;
const UNTOUCHED_TIMEOUT_MS = 24 * TOUCH_INTERVAL_MS;

export function touch(file: string): void {
  const now = new Date();
  try {
    utimesSync(file, now, now);
  } catch {
    // Somebody emptied the temporary folder: nothing can be done about it, and the run goes on.
  }
}

export function thisRunner(): Runner {
  const { pid } = process;
  return { pid, started: startOf(pid) ?? '', machine: machine() };
}

/** Whether the runner that `head` names still runs. `file`: the one that is touched as long as it does. */
export function isRunning(file: string, head: Runner): boolean {
  if (head.machine === machine()) return startOf(head.pid) === head.started;
  const touched = lstatSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - touched < UNTOUCHED_TIMEOUT_MS;
}

export function journalFile(folder: string): string {
  return join(folder, 'journal.ndjson');
}
