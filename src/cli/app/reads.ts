// Which variables each command and server has read, of what Node programs have noted (src/process/record-reads.cts).
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { NotedRead } from '../../process/recorded-reads.ts';

export interface Reads {
  /** `database.migrate`, `server "web"` */
  readonly title: string;
  /** Beside the environment that the run has. */
  readonly given: readonly string[];
  /** Of those that it is given; in the order in which it is given them. */
  readonly read: readonly string[];
  /** Others, by its own code: packages read many. */
  readonly others: readonly string[];
  /** It has a copy of its environment made, in which reads are not seen. */
  readonly hasCopied: boolean;
  /** A Node program was among its processes that does not only start others, as npm does: else nothing is seen. */
  readonly isSeen: boolean;
}

/** Of a run that has noted them in `folder`. */
export function readsIn(folder: string): Reads[] {
  return readdirSync(folder).map((file) => {
    const lines = readFileSync(join(folder, file), 'utf8').split('\n').slice(0, -1);
    return readsOf(decodeURIComponent(file), lines.flatMap(parse));
  });
}

function readsOf(title: string, notes: readonly NotedRead[]): Reads {
  const given = [...new Set(notes.flatMap((note) => ('given' in note ? note.given : [])))];
  const read = new Set(notes.flatMap((note) => ('read' in note ? [note.read] : [])));
  const own = new Set(notes.flatMap((note) => ('read' in note && note.own ? [note.read] : [])));
  return {
    title,
    given,
    read: given.filter((name) => read.has(name)),
    others: [...own].filter((name) => !given.includes(name)).sort(),
    hasCopied: notes.some((note) => 'copied' in note),
    isSeen: notes.some((note) => 'program' in note),
  };
}

/** The last may be cut: its process was killed. */
function parse(line: string): NotedRead[] {
  try {
    return [JSON.parse(line)];
  } catch {
    return [];
  }
}

const MOST_NAMES = 12;

/** `reads DATABASE_URL, PORT; also SESSION_SECRET` */
export function readsText({ given, read, others, hasCopied, isSeen }: Reads): string {
  if (!isSeen) return `is given ${list(given)}, and no Node program, in which reads can be seen`;
  const what = read.length > 0 ? `reads ${list(read)}` : 'reads none of what it is given';
  const also = others.length > 0 ? `; also ${list(others)}` : '';
  const copy = hasCopied ? '; makes a copy of its environment, in which reads are not seen' : '';
  return `${what}${also}${copy}`;
}

function list(names: readonly string[]): string {
  const shown = names.slice(0, MOST_NAMES).join(', ');
  return names.length > MOST_NAMES ? `${shown} and ${names.length - MOST_NAMES} more` : shown;
}
