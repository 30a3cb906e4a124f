// What was found in the developer's environment and in the config, and does not keep a run from beginning: said once.
import { chainedSteps } from '../config/chained-steps.ts';
import { targetTitle } from '../config/postgres-value.ts';
import type { DevelopmentDatabases, ResolvedStacks } from '../config/resolved.ts';
import { sharedBuilds } from '../config/shared-checkout.ts';
import type { Events } from '../events.ts';

export function emitFound(config: ResolvedStacks, workers: number, events: Events): void {
  const { databases, origins, fixedOrigins } = config;
  emitDatabases(databases, events);
  if (origins.length > 0) events.emit({ type: 'origins-inherited', origins });
  if (fixedOrigins.length > 0) events.emit({ type: 'origins-fixed', origins: fixedOrigins, failed: false });
  for (const steps of chainedSteps(config)) events.emit({ type: 'server-steps', ...steps });
  for (const shared of sharedBuilds(config, workers)) events.emit({ type: 'build-shared', ...shared });
}

function emitDatabases({ taken, named }: DevelopmentDatabases, events: Events): void {
  const reported = taken.map(({ variables, from, target, isOther }) => {
    return { variables, from, database: targetTitle(target), isOther };
  });
  if (reported.length > 0) events.emit({ type: 'variables-taken', taken: reported });
  for (const { path, variable, target } of named) {
    events.emit({ type: 'database-named', path, variable, database: targetTitle(target) });
  }
}
