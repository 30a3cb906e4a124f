// A new, empty cluster: the same on every machine, whatever its locale and time zone.
import { messageOf } from '../../errors.ts';
import { noAccount } from './account.ts';
import { runTool } from './run-tool.ts';
import type { Runnable } from './runnable-binaries.ts';

/** The text settings for `initdb`: code point order, and from 17 on Unicode's upper and lower case. */
export function localeOf(major: number): string {
  return major >= 17 ? 'builtin C.UTF-8' : 'C';
}

/** Fills `data`, an empty folder. Nobody could log in over TCP, should somebody start it without our settings. */
export async function initdb(runnable: Runnable, major: number, data: string, signal: AbortSignal): Promise<void> {
  const builtin = major >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  const checksums = major >= 18 ? ['--no-data-checksums'] : [];
  // Shared memory in its folder goes with it; one that is killed would leave a file in /dev/shm. Older ones know no -c.
  const memory = major >= 16 ? ['-c', 'dynamic_shared_memory_type=mmap'] : [];
  const command = [
    runnable.initdb,
    ...[
      '-D',
      data,
      '-U',
      'postgres',
      '--no-sync',
      '--encoding=UTF8',
      '--locale=C',
      '--auth-local=trust',
      '--auth-host=reject',
    ],
    ...(major >= 11 ? ['--wal-segsize=1'] : []),
    ...builtin,
    ...checksums,
    ...memory,
  ];
  await runTool(command, { env: runnable.env, signal }).catch((error) => {
    throw /could not look up effective user ID/.test(messageOf(error)) ? noAccount(error) : error;
  });
}
