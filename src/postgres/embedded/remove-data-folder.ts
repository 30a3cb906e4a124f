// Removes the folder of an embedded Postgres, once nothing uses it any more.
import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { postgresUid } from './postgres-user.ts';

/** Milliseconds that its tether may take to end Postgres, and after that the kernel. */
const TETHER = 1_500;
const KERNEL = 2_000;

/** Waits for its Postgres to end, which the tether sees to when the runner is dead; else ends it. */
export async function removeDataFolder(folder: string): Promise<void> {
  const found = await readPostmaster(join(folder, 'data'));
  if (found) {
    const { pid } = found;
    const data = await realpath(join(folder, 'data')).catch(() => '');
    if (!(await isGoneWithin(TETHER, pid, data))) {
      kill(pid);
      await isGoneWithin(KERNEL, pid, data);
    }
  }
  await removeSegment(join(folder, 'data'));
  await rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 20 });
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Whether a Postgres runs on the data in `folder`. */
export async function hasPostgres(folder: string): Promise<boolean> {
  const postmaster = await readPostmaster(join(folder, 'data'));
  if (!postmaster) return false;
  return worksIn(postmaster.pid, await realpath(join(folder, 'data')).catch(() => ''));
}

interface Postmaster {
  readonly pid: number;
  /** Seconds since 1970. */
  readonly began: number;
  /** Its System V segment. */
  readonly segment: string | undefined;
}

/** What stands in the file that a clean end would have removed. */
async function readPostmaster(data: string): Promise<Postmaster | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined); // it has ended
  const lines = text?.split('\n') ?? [];
  const pid = Math.abs(Number(lines[0])); // initdb's, which has no postmaster, is below zero
  return pid > 0 ? { pid, began: Number(lines[2]), segment: lines[6]?.trim().split(/\s+/)[1] } : undefined;
}

async function isGoneWithin(timeout: number, pid: number, data: string): Promise<boolean> {
  const deadline = Date.now() + timeout;
  while (worksIn(pid, data)) {
    if (Date.now() > deadline) return false;
    await delay(10);
  }
  return true;
}

/** Whether `pid` is still the Postgres of `data`, in which it works, and no other process that got its number. */
function worksIn(pid: number, data: string): boolean {
  try {
    return process.platform === 'linux' ? readlinkSync(`/proc/${pid}/cwd`) === data : process.kill(pid, 0);
  } catch {
    return false; // it has ended, or is not ours to look at
  }
}

/** Removes the System V segment that a Postgres which was killed left; its number may be another's by now. */
export async function removeSegment(data: string): Promise<void> {
  const postmaster = await readPostmaster(data);
  if (!postmaster) return;
  for (const segment of segmentsOf(postmaster)) {
    await promisify(execFile)('ipcrm', ['-m', segment]).catch(() => {}); // it went with Postgres
  }
}

/** Linux knows who made a segment, and when: also one whose maker was killed before it could note it. */
function segmentsOf({ pid, began, segment }: Postmaster): readonly string[] {
  if (process.platform !== 'linux') return segment === undefined ? [] : [segment];
  const [, ...rows] = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n');
  return rows.flatMap((row) => {
    const [, id = '', , , creator, , , , , uid, , , , changed] = row.trim().split(/\s+/);
    return Number(creator) === pid && Number(uid) === postgresUid() && Number(changed) >= began ? [id] : [];
  });
}
