// What a slot's app server is started from: the user's entry, with placeholders filled and the slot's variables.
import { join } from 'node:path';
import { literalDatabases, literalMistakes } from '../../config/literal-databases.ts';
import { invalidOptions } from '../../config/mistake.ts';
import { type EnvOption, isEnvValue, type OwnEnv, ownEnv } from '../../config/own-env.ts';
import type { DevelopmentDatabases, ResolvedServer, StackContext } from '../../config/resolved.ts';
import { messageOf, StacksError } from '../../errors.ts';
import { DEFAULT_VARIANT, serverLogName, stackTitle } from '../../names.ts';
import type { startAppServer } from '../../server/app-server.ts';
import { inspectorOptions } from '../../server/inspector.ts';
import { fillPlaceholders } from '../../server/placeholders.ts';
import { probeUrl, type StackPlan } from './plan.ts';

/**
 * @param logs the folder of the log files
 * @param captured what earlier servers' `wait` captured
 * @param databases what is known of others than the slot's
 * @param copies where it finds what it has copies of, by path
 */
export function serverSpec(
  server: ResolvedServer,
  command: string,
  { info, ports, inspectPorts }: StackPlan,
  logs: string,
  captured: Readonly<Record<string, string>>,
  databases: DevelopmentDatabases,
  copies: Readonly<Record<string, string>> = {},
): Parameters<typeof startAppServer>[0] {
  const port = ports[server.name] ?? 0;
  const urls = info.servers;
  const fill = (text: string, option: string) =>
    fillPlaceholders(text, `server '${server.name}' ${option}`, { name: server.name, ports, urls, copies });
  const { slot, key, databaseUrl } = info;
  const databaseUrls = Object.fromEntries(info.databases.map(({ name, url }) => [name, url]));
  const url = urls[server.name] ?? '';
  const own = ownVariables(server, { slot, key, port, ports, url, urls, databaseUrl, databaseUrls }, fill);
  if (typeof server.env === 'function') refuseLiterals(server.option, own, info.env, databases);
  const { name, cwd, timeout, ignoreHTTPSErrors, stdout, stderr, gracefulShutdown, wait } = server;
  return {
    name,
    title: stackTitle(info.slot, info.variant),
    label: info.variant === DEFAULT_VARIANT ? `${name} ${info.slot}` : `${name} ${info.slot} ${info.variant}`,
    command: fill(command, 'command'),
    cwd,
    env: {
      // What it removes is removed from the inherited environment, not from the slot's variables.
      ...own,
      ...info.env,
      PORT: String(port),
      STACK_SLOT: String(info.slot),
      STACK_KEY: info.key,
      ...(info.url !== undefined && { STACK_URL: info.url }),
      ...captured,
      ...set(own),
      ...inspectorVariables(inspectPorts[server.name], set(own)),
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
    logFile: join(logs, serverLogName(info.slot, info.variant, name)),
  };
}

function inspectorVariables(port: number | undefined, { NODE_OPTIONS = process.env.NODE_OPTIONS }: OwnEnv): OwnEnv {
  return port === undefined ? {} : { NODE_OPTIONS: inspectorOptions(port, NODE_OPTIONS) };
}

function ownVariables(
  { name, env, inherited }: ResolvedServer,
  stack: StackContext,
  fill: (text: string, option: string) => string,
): OwnEnv {
  const fail = (what: string, cause?: unknown) =>
    new StacksError('OPTIONS_INVALID', `\`env\` of server '${name}' ${what}.`, {
      hint: 'let the function return an object of strings and numbers, at once.',
      cause,
    });
  if (typeof env !== 'function') {
    const filled = Object.entries(set(env)).map(([variable, text]) => [variable, fill(text, `env.${variable}`)]);
    return { ...env, ...Object.fromEntries(filled) };
  }
  let own: unknown;
  try {
    own = env(stack);
  } catch (error) {
    throw fail(`threw: ${messageOf(error)}`, error);
  }
  if (own instanceof Promise) throw fail('returned a promise');
  const variables: EnvOption = { ...(own as EnvOption) };
  const wrong = Object.keys(variables).find((variable) => !isEnvValue(variables[variable]));
  if (wrong) throw fail(`gave ${wrong} a value that is no string`);
  // The environment of now holds slot 0's variables; what the config has put aside may hold the developer's.
  return ownEnv(ownEnv(variables, inherited), process.env);
}

function set(own: OwnEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(own).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

/** What a function returns may name the slot's own database, in whatever form. */
function refuseLiterals(
  option: string,
  own: OwnEnv,
  provided: Readonly<Record<string, string>>,
  { development, allowed }: DevelopmentDatabases,
): void {
  const literals = literalDatabases(`${option}.env`, set(own), allowed);
  const shared = literals.filter(({ variable, target }) => {
    return provided[variable] !== undefined && target.database !== provided.PGDATABASE;
  });
  const mistakes = [
    ...literalMistakes(literals, development),
    ...shared.map(({ path }) => ({
      path,
      text: 'would be the same for all slots. Leave it out: each slot gets its own',
    })),
  ];
  if (mistakes.length > 0) throw invalidOptions(mistakes);
}
