// Shared memory of Postgres servers that a run started and that nobody uses any more. It has no name to know a run by, and
// other tests on the machine kill servers, too: whose it is, is looked up as soon as it is there, while its maker lives.
import { readdirSync, readFileSync } from 'node:fs';
import { processes, processesMarked } from './processes.ts';

export interface MemoryWatch {
  /** What is left of those that carried a mark. */
  readonly orphans: () => string[];
  readonly stop: () => void;
}

interface Segment {
  readonly id: string;
  readonly creator: number;
  readonly attached: number;
}

/** A server makes its memory when it starts, and lives longer than that. */
const LOOK_INTERVAL_MS = 100;
/** In between, what was just made has no mark yet, or nobody maps it: after so many looks it is somebody else's. */
const MOST_LOOKS = 20;

/**
 * A Postgres that was killed leaves files in /dev/shm and a System V segment.
 * @param marks of the processes whose memory it is about, as `processesMarked` has them
 */
export function watchMemory(marks: readonly string[]): MemoryWatch {
  const known = new Set([...segments().map(({ id }) => id), ...postgresFiles()]);
  const looks = new Map<string, number>();
  const segmentsOfMarked = new Set<string>();
  const filesOfMarked = new Set<string>();
  const look = () => {
    const added = segments().filter(({ id }) => !known.has(id));
    const files = postgresFiles().filter((name) => !known.has(name));
    if (added.length + files.length === 0) return;
    const marked = processesMarked(marks).map(({ pid }) => pid);
    for (const { id, creator } of added) if (marked.includes(creator)) segmentsOfMarked.add(id);
    const maps = files.length === 0 ? '' : marked.map(mapsOf).join('\n');
    for (const name of files) if (maps.includes(name)) filesOfMarked.add(name);
    for (const each of [...added.map(({ id }) => id), ...files]) {
      const count = (looks.get(each) ?? 0) + 1;
      looks.set(each, count);
      if (segmentsOfMarked.has(each) || filesOfMarked.has(each) || count >= MOST_LOOKS) known.add(each);
    }
  };
  const looking = setInterval(look, LOOK_INTERVAL_MS).unref();
  return {
    stop: () => clearInterval(looking),
    orphans() {
      look();
      const left = segments().filter(({ id, attached }) => segmentsOfMarked.has(id) && attached === 0);
      const living = new Set(left.length === 0 ? [] : processes().map(({ pid }) => pid));
      const dead = left.filter(({ creator }) => !living.has(creator));
      return [
        ...unmapped(postgresFiles().filter((name) => filesOfMarked.has(name))).map((name) => `/dev/shm/${name}`),
        ...dead.map(({ id, creator }) => `System V segment ${id} of pid ${creator}, which is dead`),
      ];
    },
  };
}

function postgresFiles(): string[] {
  return readdirSync('/dev/shm').filter((name) => name.startsWith('PostgreSQL.'));
}

// The postmaster keeps its control file mapped as long as it lives, so what nobody maps is nobody's.
function unmapped(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const servers = processes().filter(({ name }) => name === 'postgres');
  const maps = servers.map(({ pid }) => mapsOf(pid)).join('\n');
  return names.filter((name) => !maps.includes(name));
}

function mapsOf(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/maps`, 'utf8');
  } catch {
    return ''; // It ended in between.
  }
}

function segments(): Segment[] {
  const [, ...lines] = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [, id = '', , , creator, , attached] = line.trim().split(/\s+/);
    return { id, creator: Number(creator), attached: Number(attached) };
  });
}
