// A disk that is soon full: a tmpfs, which only root may mount.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const sh = (...command: readonly [string, ...string[]]) => promisify(execFile)(command[0], command.slice(1));

export interface SmallDisk {
  /** A shell command that leaves no room on it. */
  readonly fill: string;
  /** Makes room again. */
  readonly clear: () => Promise<void>;
  readonly unmount: () => Promise<void>;
}

/** Mounts one of so many megabytes on `folder`; undefined: we may not. */
export async function mountSmallDisk(folder: string, megabytes: number): Promise<SmallDisk | undefined> {
  const mounted = await sh('mount', '-t', 'tmpfs', '-o', `size=${megabytes}m,mode=1777`, 'none', folder).then(
    () => true,
    () => false,
  );
  if (!mounted) return undefined;
  const ballast = `${folder}/ballast`;
  return {
    fill: `dd if=/dev/zero of=${ballast} bs=64k 2>/dev/null || :`,
    clear: async () => void (await sh('rm', '-f', ballast)),
    unmount: async () => void (await sh('umount', folder)),
  };
}

/** For a run's `through`: without the memory in which an embedded Postgres lives where there is plenty. */
export const WITHOUT_SHM: readonly string[] = [
  ...['unshare', '--mount', 'sh', '-c', 'mount -t tmpfs -o size=16m none /dev/shm && exec "$@"', 'sh'],
];
