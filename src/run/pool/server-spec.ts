// What a slot's app server is started from: the user's entry, with placeholders filled and the slot's variables.
import type { ResolvedServer, StackContext } from '../../config/resolved.ts';
import { messageOf, StacksError } from '../../errors.ts';
import { DEFAULT_VARIANT, stackTitle } from '../../names.ts';
import type { startAppServer } from '../../server/app-server.ts';
import { fillPlaceholders } from '../../server/placeholders.ts';
import { probeUrl, type StackPlan } from './plan.ts';

/**
 * @param logs the folder of the log files
 * @param captured what earlier servers' `wait` captured
 */
export function serverSpec(
  server: ResolvedServer,
  command: string,
  { info, ports }: StackPlan,
  logs: string,
  captured: Readonly<Record<string, string>>,
): Parameters<typeof startAppServer>[0] {
  const port = ports[server.name] ?? 0;
  const fill = (text: string, option: string) =>
    fillPlaceholders(text, `server '${server.name}' ${option}`, { port, ports });
  const { slot, key, databaseUrl } = info;
  const databaseUrls = Object.fromEntries(info.databases.map(({ name, url }) => [name, url]));
  const own = ownVariables(server, { slot, key, port, ports, databaseUrl, databaseUrls }, fill);
  const { name, cwd, timeout, ignoreHTTPSErrors, stdout, stderr, gracefulShutdown, wait } = server;
  return {
    name,
    title: stackTitle(info.slot, info.variant),
    label: info.variant === DEFAULT_VARIANT ? `${name} ${info.slot}` : `${name} ${info.slot} ${info.variant}`,
    command: fill(command, 'command'),
    cwd,
    env: {
      ...info.env,
      PORT: String(port),
      STACK_SLOT: String(info.slot),
      STACK_KEY: info.key,
      ...captured,
      ...own,
    },
    port,
    readyBy: server.readyBy,
    url: probeUrl(server, ports),
    timeout,
    ignoreHTTPSErrors,
    stdout,
    stderr,
    gracefulShutdown,
    wait,
    logFile: `${logs}/${stackTitle(info.slot, info.variant)
      .replace(/[ ()]+/g, '-')
      .replace(/-$/, '')}-${name}.log`,
  };
}

function ownVariables(
  { name, env }: ResolvedServer,
  stack: StackContext,
  fill: (text: string, option: string) => string,
): Readonly<Record<string, string>> {
  const fail = (what: string, cause?: unknown) =>
    new StacksError('OPTIONS_INVALID', `\`env\` of server '${name}' ${what}.`, {
      hint: 'let the function return an object of strings, at once.',
      cause,
    });
  if (typeof env !== 'function') {
    return Object.fromEntries(Object.entries(env).map(([variable, text]) => [variable, fill(text, `env.${variable}`)]));
  }
  let own: unknown;
  try {
    own = env(stack);
  } catch (error) {
    throw fail(`threw: ${messageOf(error)}`, error);
  }
  if (own instanceof Promise) throw fail('returned a promise');
  const wrong = Object.entries(own ?? {}).find(([, value]) => typeof value !== 'string');
  if (wrong) throw fail(`gave ${wrong[0]} a value that is no string`);
  return { ...(own as Record<string, string>) };
}
