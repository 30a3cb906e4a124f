// Removes the folder of an embedded Postgres, once nothing uses it any more. Ends nothing: a pid in a file is no proof of
// whose the process is.
import { execFile } from 'node:child_process';
import { lstatSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type Identity, identityOf, isSame } from '../../files/identity.ts';
import { readOwnFile } from '../../files/read-file.ts';
import { removeFolder } from '../../files/remove-folder.ts';
import { poll } from '../../wait.ts';
import { postgresUid } from './postgres-user.ts';

/** Milliseconds that Postgres may take to end when the process that started it is gone. */
const POSTGRES_ENDS_TIMEOUT_MS = 3_500;

/** Removes the folder that was `made`, and nothing that is in its place now. Throws while a Postgres runs in it. */
export async function removeDataFolder(folder: string, made: Identity): Promise<void> {
  if (isSame(identityOf(folder), made)) {
    const data = join(folder, 'data');
    const hasEnded = () => !hasPostgres(folder) || undefined;
    if (!(await poll(hasEnded, { timeout: POSTGRES_ENDS_TIMEOUT_MS, interval: 10 }))) {
      throw new Error(`Postgres, process ${postgresIn(data)}, still runs in it`);
    }
    await removeSegment(data);
  }
  const removal = await removeFolder(folder, made);
  if (removal === 'other') throw new Error('it is not the folder that was made: somebody has put another in its place');
}

/** Whether a Postgres runs on the data in `folder`. */
export function hasPostgres(folder: string): boolean {
  return postgresIn(join(folder, 'data')) !== undefined;
}

interface Postmaster {
  readonly pid: number;
  /** Seconds since 1970. */
  readonly began: number;
  /** Its System V segment. */
  readonly segment: string | undefined;
}

/** The content of the file that a clean end would have removed. */
function readPostmaster(data: string): Postmaster | undefined {
  const lines = readOwnFile(join(data, 'postmaster.pid'), [postgresUid()])?.split('\n') ?? [];
  const pid = Math.abs(Number(lines[0])); // initdb's, which has no postmaster, is below zero
  return pid > 0 ? { pid, began: Number(lines[2]), segment: lines[6]?.trim().split(/\s+/)[1] } : undefined;
}

function postgresIn(data: string): number | undefined {
  const postmaster = readPostmaster(data);
  return postmaster && worksIn(postmaster.pid, data) ? postmaster.pid : undefined;
}

/** Whether `pid` is still the Postgres of `data`, in which it works, and no other process that got its number. */
function worksIn(pid: number, data: string): boolean {
  try {
    if (process.platform !== 'linux') return process.kill(pid, 0);
    return readlinkSync(`/proc/${pid}/cwd`) === realpathSync(data);
  } catch (error) {
    // In a container root itself may not look into another user's process (CAP_SYS_PTRACE): a Postgres is taken for it.
    return (error as NodeJS.ErrnoException).code === 'EACCES' && isPostgres(pid);
  }
}

function isPostgres(pid: number): boolean {
  try {
    return (
      lstatSync(`/proc/${pid}`).uid === postgresUid() && /^postgres$/m.test(readFileSync(`/proc/${pid}/comm`, 'utf8'))
    );
  } catch {
    return false; // it has just ended
  }
}

/** Removes the System V segment that a Postgres which was killed left; its number may be another's by now. */
export async function removeSegment(data: string): Promise<void> {
  const postmaster = readPostmaster(data);
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
