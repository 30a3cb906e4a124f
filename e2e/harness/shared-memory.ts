// Shared memory of Postgres servers that no living process uses any more. It has no name to know a test by, and tests run
// beside each other: only the whole run can be asked.
import { readdirSync, readFileSync } from 'node:fs';
import { processes } from './processes.ts';

export interface Memory {
  readonly files: ReadonlySet<string>;
  readonly segments: ReadonlySet<string>;
}

interface Segment {
  readonly id: string;
  readonly creator: number;
  readonly attached: number;
}

export function memoryNow(): Memory {
  return { files: new Set(postgresFiles()), segments: new Set(segments().map(({ id }) => id)) };
}

/** A Postgres that was killed leaves files in /dev/shm and a System V segment, without a name to know the run by. */
export function orphanedMemory(before: Memory): string[] {
  const added = segments().filter(({ id, attached }) => !before.segments.has(id) && attached === 0);
  const living = new Set(added.length === 0 ? [] : processes().map(({ pid }) => pid));
  const orphans = added.filter(({ creator }) => !living.has(creator));
  return [
    ...unmapped(postgresFiles().filter((name) => !before.files.has(name))).map((name) => `/dev/shm/${name}`),
    ...orphans.map(({ id, creator }) => `System V segment ${id} of pid ${creator}, which is dead`),
  ];
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
