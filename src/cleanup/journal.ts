// The run's journal, in its folder: what has to be removed when the run ends, noted before it is made. Lines of JSON,
// appended at once; the reaper and the sweeps of later runs read it. The first line says whose journal it is.
import { appendFileSync, readFileSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { machine, startOf } from '../process/processes.ts';

/** What a run makes beside files in its folder. */
export type Entry =
  /** A session of processes; noted as soon as its leader runs. */
  | { readonly kind: 'group'; readonly title: string; readonly pid: number; readonly started: string }
  /** The run's reaper: it ends by itself, unless somebody has stopped it. */
  | { readonly kind: 'reaper'; readonly pid: number; readonly started: string }
  /** An existing Postgres server, on which there are databases with the run's key in their names. */
  | { readonly kind: 'server'; readonly url: string }
  /** The folder of an embedded Postgres. */
  | { readonly kind: 'data'; readonly folder: string };

/** Whose journal it is. */
export interface Head {
  readonly run: string;
  /** The runner's, with the moment of its start: a pid is given out again. */
  readonly pid: number;
  readonly started: string;
  /** A pid means nothing on another machine, in another container, after another boot. */
  readonly machine: string;
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
  readonly #file: string;
  #ids = 0;

  /** Begins the journal in the run's `folder`. */
  constructor(folder: string, { run, root }: Pick<Head, 'run' | 'root'>) {
    this.#file = journalFile(folder);
    const { pid } = process;
    this.#append({ head: { run, pid, started: startOf(pid) ?? '', machine: machine(), root, at: Date.now() } });
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
  }

  /** For whoever starts processes: notes a session leader. */
  readonly noteGroup = (pid: number, title: string): Gone => {
    try {
      return this.note({ kind: 'group', title, pid, started: startOf(pid) ?? '' });
    } catch {
      return () => {}; // The disk is full: the mark in its environment tells it, too.
    }
  };

  /** Also begins with the end of a line: what was there may have been cut short by a full disk. */
  #append(line: Line): void {
    appendFileSync(this.#file, `\n${JSON.stringify(line)}\n`, { mode: 0o600 });
  }

  #tryToAppend(line: Line): void {
    try {
      this.#append(line);
    } catch {
      // The disk is full: the reaper looks for something that is gone.
    }
  }
}

/** Undefined: there is no journal in `folder`, or nothing in it yet. */
export function readJournal(folder: string): Journal | undefined {
  let text: string;
  try {
    text = readFileSync(journalFile(folder), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  const open = new Map<number, Entry>();
  let head: Head | undefined;
  let state: Journal['state'] = 'open';
  for (const line of text.split('\n').flatMap(parse)) {
    if ('head' in line) head = line.head;
    else if ('entry' in line) open.set(line.id, line.entry);
    else if ('gone' in line) open.delete(line.gone);
    else state = 'closed';
  }
  return head && { ...head, open: [...open.values()], state };
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
export const TOUCHED_EVERY = 3_600_000;
const UNTOUCHED = 24 * TOUCHED_EVERY;

/** Says to those who cannot see the runner's process that it lives. */
export function touchJournal(folder: string): void {
  const now = new Date();
  try {
    utimesSync(journalFile(folder), now, now);
  } catch {
    // Somebody emptied the temporary folder: nothing can be done about it, and the run goes on.
  }
}

/** Whether the runner whose journal is in `folder` still runs. */
export function isRunning(folder: string, head: Head): boolean {
  if (head.machine === machine()) return startOf(head.pid) === head.started;
  const touched = statSync(journalFile(folder), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return Date.now() - touched < UNTOUCHED;
}

function journalFile(folder: string): string {
  return join(folder, 'journal.ndjson');
}
