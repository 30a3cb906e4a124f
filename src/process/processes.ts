// The table of running processes. Linux reads /proc; macOS (untested) asks `ps`.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { basename } from 'node:path';

export interface ProcessEntry {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  /** 0 where the system does not tell (macOS). */
  readonly session: number;
  /** When it was started: with `pid`, what no other process has, also after the pid is given out again. */
  readonly started: string;
}

/** Every process of this machine (or container) but the zombies. */
export function listProcesses(): ProcessEntry[] {
  return process.platform === 'linux' ? listByProc() : listByPs();
}

/** Where pids and their start times are unique: this boot of this machine, this container. */
export function machine(): string {
  if (process.platform !== 'linux') return hostname();
  return `${readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()} ${readlinkSync('/proc/self/ns/pid')}`;
}

/** When `pid` was started; undefined: it does not run. */
export function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return listByPs().find((entry) => entry.pid === pid)?.started;
  return readStat(String(pid))?.started;
}

/** The variables that `pid` was started with, as `NAME=value`. Linux only: else none. */
export function environmentOf(pid: number): readonly string[] {
  if (process.platform !== 'linux') return [];
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return []; // It has just ended, or is not ours to look at.
  }
}

/** What `pid` was started as; undefined where the system does not tell. */
export function commandLineOf(pid: number): string | undefined {
  return argumentsOf(pid).join(' ').trim() || undefined;
}

/** The program that `pid` runs, and its script: `node server.mjs`. No further arguments: they may hold passwords. */
export function programOf(pid: number): string {
  const [program = '', script = ''] = argumentsOf(pid);
  // Of what gives itself a title ("nginx: master process …") the first word.
  const names = [program.split(/:? /)[0] ?? '', ...(/^[\w./][\w./-]*\.\w+$/.test(script) ? [script] : [])];
  return names.map((path) => basename(path)).join(' ') || 'unknown program';
}

/** The file that `pid` runs, whatever it calls itself; undefined where the system does not tell. */
export function executableOf(pid: number): string | undefined {
  try {
    if (process.platform === 'linux') return readlinkSync(`/proc/${pid}/exe`);
    return execFileSync('ps', ['-o', 'comm=', '-p', String(pid)], { encoding: 'utf8' }).trim();
  } catch {
    return undefined; // It has just ended, or is not ours to look at.
  }
}

/** Whether `pid` has a handler for the signal with this number, which would else end it. Linux only: else true. */
export function handles(pid: number, signal: number): boolean {
  if (process.platform !== 'linux') return true;
  try {
    const caught = /^SigCgt:\s*([0-9a-f]+)$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '0';
    return ((BigInt(`0x${caught}`) >> BigInt(signal - 1)) & 1n) === 1n;
  } catch {
    return false; // It has just ended.
  }
}

function argumentsOf(pid: number): string[] {
  try {
    return process.platform === 'linux'
      ? readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
      : execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).split(' ');
  } catch {
    return []; // It has just ended, or is not ours to look at.
  }
}

function listByProc(): ProcessEntry[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.flatMap((pid) => readStat(pid) ?? []);
}

function readStat(pid: string): ProcessEntry | undefined {
  let stat: string;
  try {
    stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  } catch {
    return undefined; // It ended while we were reading.
  }
  // `pid (name) state ppid pgrp session …`; the name may hold spaces and parentheses.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state, parent, group, session] = fields;
  if (state === 'Z' || state === 'X') return undefined;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    started: fields[19] ?? '',
  };
}

function listByPs(): ProcessEntry[] {
  const output = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,pgid=,stat=,lstart='], { encoding: 'utf8' });
  return output.split('\n').flatMap((line) => {
    const [pid, parent, group, state, ...started] = line.trim().split(/\s+/);
    if (!pid || !state || state.startsWith('Z')) return [];
    return [{ pid: Number(pid), parent: Number(parent), group: Number(group), session: 0, started: started.join(' ') }];
  });
}
