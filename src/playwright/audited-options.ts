// The options of an audit's run: those of the user with what its plan has instead, and nothing that writes files.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type AuditedSetUp, type AuditPlan, type Conditions, SET_UP_FILE } from '../audit/plan.ts';
import { idleOf } from '../config/idle.ts';
import type { NamedDatabaseOptions, ServerOptions, StackOptions, StacksOptions } from '../config/options.ts';
import type { ParsedOptions } from '../config/parse.ts';
import { serverName } from '../config/server-mistakes.ts';

/** Processes that boot ahead while a test runs, where each test has its own. */
const SPARES = 2;

export function auditedOptions({ build, ...options }: StacksOptions, plan: AuditPlan): StacksOptions {
  const { conditions, isBuilt } = plan;
  return {
    ...options,
    ...(!isBuilt && build !== undefined && { build }),
    ...audited(options, conditions),
    report: 'never',
    keep: 'never',
    board: false,
    ...(options.variants && {
      variants: Object.fromEntries(
        Object.entries(options.variants).map(([name, own]) => [name, { ...own, ...audited(own, conditions) }]),
      ),
    }),
  };
}

/** Playwright's `webServer`, which is where servers come from that the options have not. */
export function auditedWebServer(webServer: unknown, { conditions }: AuditPlan): unknown {
  if (typeof webServer !== 'object' || webServer === null) return webServer;
  const entries: readonly ServerOptions[] = Array.isArray(webServer) ? webServer : [webServer];
  return entries.map((entry) => auditedServer(entry, conditions));
}

function audited({ server, database, databases }: StackOptions, conditions: Conditions): StackOptions {
  const { sequences } = conditions;
  const withSequences = <Each extends NamedDatabaseOptions>(each: Each): Each =>
    sequences === undefined ? each : { ...each, sequences };
  return {
    ...(server !== undefined && { server: [server].flat().map((each) => auditedServer(each, conditions)) }),
    ...(database !== undefined && { database: withSequences(database) }),
    ...(databases !== undefined && {
      databases: Object.fromEntries(Object.entries(databases).map(([name, each]) => [name, withSequences(each)])),
    }),
  };
}

function auditedServer(server: ServerOptions, { restart, quiet }: Conditions): ServerOptions {
  if (server.command === undefined) return server;
  return {
    ...server,
    ...(restart !== undefined && { restart: 'test', spares: restart === 'with spares' ? SPARES : 0 }),
    ...(quiet !== undefined && { idle: { ...idleOf(server.idle), quiet, most: 2 * quiet } }),
  };
}

/** For the command line: the config is wrapped, and this is what the run begins with. Workers have no `parsed`. */
export function noteSetUp(
  { folder }: AuditPlan,
  parsed: ParsedOptions | undefined,
  setups: AuditedSetUp['setups'],
): void {
  if (!parsed) return;
  const { servers, options } = parsed;
  const all = [...servers, ...Object.values(options.variants ?? {}).flatMap(({ server = [] }) => server)];
  const started = all.filter(({ command }) => command !== undefined);
  const setUp: AuditedSetUp = { servers: started.map(serverName), setups };
  writeFileSync(join(folder, SET_UP_FILE), JSON.stringify(setUp), { mode: 0o600 });
}
