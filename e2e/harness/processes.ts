// What /proc knows: processes of a run, found by a mark in their environment, and the sockets they hold.

import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { poll } from '../../src/wait.ts';

export interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** In clock ticks since boot; with the pid it identifies the process. */
  readonly started: string;
  readonly command: string;
}

/** Every process that is not a zombie. */
export function processes(): Process[] {
  return readdirSync('/proc').flatMap((entry) => (/^\d+$/.test(entry) ? (read(Number(entry)) ?? []) : []));
}

/**
 * The processes whose environment holds one of `marks`, or whose command line or working folder does, and all their
 * descendants. A program that overwrites its environment (a Postgres backend) is found by what it descends from.
 */
export function processesMarked(marks: readonly string[]): Process[] {
  const all = processes().filter(({ pid }) => pid !== process.pid);
  const found = new Set(all.filter((candidate) => isMarked(candidate, marks)).map(({ pid }) => pid));
  for (let size = -1; size !== found.size; ) {
    size = found.size;
    for (const { pid, parent } of all) if (found.has(parent)) found.add(pid);
  }
  return all.filter(({ pid }) => found.has(pid));
}

/** SIGKILL to every process that carries a mark, until none is left. Returns how many there were. */
export async function killMarked(marks: readonly string[]): Promise<number> {
  const killed = new Set<number>();
  const areGone = () => {
    const left = processesMarked(marks);
    if (left.length === 0) return true;
    for (const { pid } of left) {
      killed.add(pid);
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It ended by itself in between.
      }
    }
    return undefined;
  };
  if (await poll(areGone, { timeout: 10_000, interval: 20 })) return killed.size;
  throw new Error(`processes survive SIGKILL: ${processesMarked(marks).map(describeProcess).join(', ')}`);
}

export function describeProcess({ pid, parent, command }: Process): string {
  const text = command.length > 160 ? `${command.slice(0, 160)}…` : command;
  return `pid ${pid} (parent ${parent}): ${text}`;
}

/** The inodes of the sockets that a process holds. */
export function socketsOf(pid: number): Set<string> {
  try {
    const links = readdirSync(`/proc/${pid}/fd`).map((fd) => link(`/proc/${pid}/fd/${fd}`));
    return new Set(links.flatMap((target) => /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? []));
  } catch {
    return new Set(); // It ended in between.
  }
}

function read(pid: number): Process | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const end = stat.lastIndexOf(')');
    const fields = stat.slice(end + 2).split(' ');
    const name = stat.slice(stat.indexOf('(') + 1, end);
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim() || `[${name}]`;
    return { pid, parent: Number(fields[1]), name, started: fields[19] ?? '', command };
  } catch {
    return undefined; // It ended in between.
  }
}

function isMarked({ pid, command }: Process, marks: readonly string[]): boolean {
  const has = (text: string) => marks.some((mark) => text.includes(mark));
  return has(command) || has(link(`/proc/${pid}/cwd`)) || has(environment(pid));
}

function environment(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8');
  } catch {
    return ''; // It ended in between, or is a kernel thread.
  }
}

function link(file: string): string {
  try {
    return readlinkSync(file);
  } catch {
    return ''; // It ended in between.
  }
}
