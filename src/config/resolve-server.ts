// A server's options → their resolved form.
import { resolve as resolvePath } from 'node:path';
import { HOLD_VARIABLE } from '../environment.ts';
import type { ServerOptions } from './options.ts';
import type { ResolvedServer } from './resolved.ts';
import { optionsTable } from './schema.ts';
import { serverName } from './server-mistakes.ts';

/** @param option by which its user knows it */
export function resolveServer(
  options: ServerOptions,
  index: number,
  root: string,
  option: string,
): Omit<ResolvedServer, 'env' | 'inherited'> {
  const filled = optionsTable().server.parse(options);
  const { command, url, wait, timeout, ignoreHTTPSErrors, stdout, stderr, gracefulShutdown } = filled;
  const { restart, spares, restarts } = filled;
  return {
    name: serverName(options, index),
    option,
    command,
    database: options.database,
    cwd: resolvePath(root, options.cwd ?? '.'),
    copy: (options.copy ?? []).map((each) =>
      typeof each === 'string' ? { path: each, reset: 'never' } : { path: each.path, reset: each.reset ?? 'never' },
    ),
    url,
    // Playwright does not wait for an entry that says nothing to wait for.
    readyBy: option.startsWith('webServer') && options.port === undefined ? 'nothing' : 'port',
    timeout,
    ignoreHTTPSErrors,
    stdout,
    stderr,
    gracefulShutdown,
    restart,
    // A run that `dev` or `doctor --app` holds has no tests.
    spares: process.env[HOLD_VARIABLE] === undefined ? spares : 0,
    restarts,
    wait: wait && { stdout: wait.stdout, stderr: wait.stderr },
    beside: resolveBeside(options.beside),
    inspect: process.env.STACKS_INSPECT === '1',
  };
}

function resolveBeside(option: ServerOptions['beside']): ResolvedServer['beside'] {
  if (option === undefined) return undefined;
  return typeof option === 'string' ? { command: option, once: false } : { once: false, ...option };
}
