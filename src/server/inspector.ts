// The inspector of a Node server: opened by SIGUSR1 in the process that is the application, on a port that `NODE_OPTIONS`
// names to all. npm, npx and tsx are Node, too: with `--inspect` each of them would take the port.
import { constants } from 'node:os';
import { basename } from 'node:path';
import { ownerOf } from '../process/listeners.ts';
import { executableOf, handles } from '../process/processes.ts';
import { growing, poll } from '../wait.ts';
import { appProcess } from './app-process.ts';
import type { AppServer } from './app-server.ts';

/** Milliseconds within which Node listens. */
const INSPECTOR_TIMEOUT_MS = 5_000;

/** What its processes need in their environment; nothing is opened by it. */
export function inspectorOptions(port: number, own = ''): string {
  return `${own} --inspect-port=127.0.0.1:${port}`.trim();
}

/** Opens it. Returns where, or why not. */
export async function openInspector(
  server: Pick<AppServer, 'pid' | 'port' | 'members'>,
  port: number,
): Promise<{ readonly address: string } | { readonly why: string }> {
  const pid = appProcess(server);
  const program = basename(executableOf(pid) ?? '');
  if (!/^node(js)?$/.test(program))
    return { why: `process ${pid} is no Node process (${program || 'unknown program'})` };
  // It would end.
  if (!handles(pid, constants.signals.SIGUSR1)) return { why: `process ${pid} does not open one at SIGUSR1` };
  process.kill(pid, 'SIGUSR1');
  const isOpen = () => ownerOf(port, server.members()).kind === 'ours' || undefined;
  const opened = await poll(isOpen, { timeout: INSPECTOR_TIMEOUT_MS, interval: growing(10, 100) });
  return opened ? { address: `127.0.0.1:${port}` } : { why: `process ${pid} did not open one at SIGUSR1` };
}
