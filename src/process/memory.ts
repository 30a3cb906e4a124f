// How much memory processes have (Linux only: elsewhere it is not known), and how much is available.
import { readFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { leftOfLimit } from './memory-limit.ts';
import { listProcesses, type ProcessEntry } from './processes.ts';

export interface MemoryUse {
  /** Bytes: what is each process's own, and once what they may share. */
  readonly bytes: number;
  readonly processes: number;
}

/** By the id of a process group: of its processes, and of all that descends from them. The table is read once for all. */
export function memoryOf(groups: readonly number[]): ReadonlyMap<number, MemoryUse> {
  if (process.platform !== 'linux' || groups.length === 0) return new Map();
  const wanted = new Set(groups);
  const members = new Map<number, number[]>();
  const table = new Map(listProcesses().map((entry) => [entry.pid, entry]));
  for (const entry of table.values()) {
    const root = rootOf(entry, table, wanted);
    if (root !== undefined) members.set(root, [...(members.get(root) ?? []), entry.pid]);
  }
  return new Map([...members].map(([root, pids]) => [root, useOf(pids)]));
}

/** The group that it is of: its own, its session's, or that of the nearest that has started it. */
function rootOf(entry: ProcessEntry, table: ReadonlyMap<number, ProcessEntry>, wanted: ReadonlySet<number>) {
  const seen = new Set<number>(); // a table is not read in one moment: parents may form a circle
  for (let at: ProcessEntry | undefined = entry; at && !seen.has(at.pid); at = table.get(at.parent)) {
    seen.add(at.pid);
    const root = [at.pid, at.group, at.session].find((id) => wanted.has(id));
    if (root !== undefined) return root;
  }
  return undefined;
}

function useOf(pids: readonly number[]): MemoryUse {
  const all = pids.flatMap((pid) => readUse(pid) ?? []);
  const own = all.reduce((sum, each) => sum + each.own, 0);
  const shared = all.reduce((most, each) => Math.max(most, each.shared), 0);
  return { bytes: own + shared, processes: all.length };
}

function readUse(pid: number): { readonly own: number; readonly shared: number } | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const bytes = (name: string) => 1024 * Number(new RegExp(`^${name}:\\s*(\\d+) kB$`, 'm').exec(status)?.[1] ?? 0);
    return { own: bytes('RssAnon'), shared: bytes('RssFile') + bytes('RssShmem') };
  } catch {
    return undefined; // It has just ended.
  }
}

/** In bytes: of the machine's, and of what a container may have. */
export function availableMemory(): number {
  return Math.min(availableOfMachine(), leftOfLimit());
}

/** `freemem` does not count what the system would give back. */
function availableOfMachine(): number {
  try {
    const kilobytes = /^MemAvailable:\s+(\d+) kB/m.exec(readFileSync('/proc/meminfo', 'utf8'))?.[1];
    return kilobytes === undefined ? freemem() : Number(kilobytes) * 1024;
  } catch {
    return freemem(); // macOS
  }
}
