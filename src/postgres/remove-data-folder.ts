// Removes the folder of an embedded Postgres, once nothing uses it any more.
import { execFile } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { readFile, realpath, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';

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

/** What stands in the file that a clean end would have removed: its pid, its System V segment. */
async function readPostmaster(data: string): Promise<{ pid: number; segment: string | undefined } | undefined> {
  const text = await readFile(join(data, 'postmaster.pid'), 'utf8').catch(() => undefined); // it has ended
  const lines = text?.split('\n') ?? [];
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, segment: lines[6]?.trim().split(/\s+/)[1] } : undefined;
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
  if (!postmaster?.segment) return;
  const { pid, segment } = postmaster;
  if (process.platform === 'linux' && !isSegmentOf(segment, pid)) return;
  await promisify(execFile)('ipcrm', ['-m', segment]).catch(() => {}); // it went with Postgres
}

function isSegmentOf(id: string, creator: number): boolean {
  const [, ...rows] = readFileSync('/proc/sysvipc/shm', 'utf8').trim().split('\n');
  return rows.some((row) => {
    const [, segment, , , by] = row.trim().split(/\s+/);
    return segment === id && Number(by) === creator;
  });
}
