// Copies a cluster, as Postgres's user: between folders that are held open, so that it is no matter who may enter those
// above them, and what their names lead to meanwhile.
import { closeSync } from 'node:fs';
import { CP_ENVIRONMENT } from '../../files/cp.ts';
import { openFolder } from '../../files/identity.ts';
import { runTool } from './run-tool.ts';
import { pathOfHeld } from './spawn-with-parent.ts';

/** Copies what is in `from` into `to`, an empty folder; both belong to Postgres's user. Shares blocks where it can. */
export async function copyFolder(from: string, to: string, signal: AbortSignal): Promise<void> {
  if (process.platform !== 'linux') {
    await runTool(['cp', '-Rpc', `${from}/.`, to], { signal });
    return;
  }
  const held = [from, to].map(openFolder);
  try {
    await runTool(['cp', '-a', '--reflink=auto', `${pathOfHeld(0)}/.`, pathOfHeld(1)], {
      signal,
      held,
      env: CP_ENVIRONMENT,
    });
  } finally {
    held.map(closeSync);
  }
}
