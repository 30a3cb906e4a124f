// What a run needs of the machine beside Playwright and Postgres.
import { execFile } from 'node:child_process';
import { statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import { availableMemory } from '../process/memory.ts';
import type { Check } from './check.ts';

const GIGABYTE = 2 ** 30;
/** What a worker with its browser, its app server and its share of Postgres takes, roughly. */
const OF_A_WORKER = 0.75 * GIGABYTE;

export function checkNode(): Check {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const found = `Node ${process.versions.node}`;
  if (major > 20 || (major === 20 && minor >= 19)) return { state: 'ok', found };
  return { state: 'fail', found, todo: 'install Node 20.19 or newer' };
}

export async function checkGit(): Promise<Check> {
  try {
    const { stdout } = await promisify(execFile)('git', ['--version']);
    return { state: 'ok', found: stdout.trim() };
  } catch {
    return { state: 'warn', found: 'not found', todo: 'install git; a run works without it' };
  }
}

export async function checkSharedMemory(): Promise<Check> {
  try {
    const { bavail, bsize } = await statfs('/dev/shm');
    const free = bavail * bsize;
    const found = `${gigabytes(free)} free`;
    if (free > GIGABYTE) return { state: 'ok', found };
    return {
      state: 'warn',
      found,
      todo: 'give the container more (`docker run --shm-size=2g`); otherwise data is on disk, which is slower',
    };
  } catch {
    return { state: 'warn', found: 'missing: the data of the embedded Postgres is on disk' };
  }
}

export function checkMemory(workers: number): Check {
  const available = availableMemory();
  const found = `${gigabytes(available)} available for ${workers} worker${workers === 1 ? '' : 's'} (Playwright’s default on this machine; the config may say another number)`;
  if (available > workers * OF_A_WORKER) return { state: 'ok', found };
  return { state: 'warn', found, todo: `try fewer: --workers=${Math.max(1, Math.floor(available / OF_A_WORKER))}` };
}

function gigabytes(bytes: number): string {
  return `${(bytes / GIGABYTE).toFixed(1)} GB`;
}
