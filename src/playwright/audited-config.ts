// A run of `npx playwright-stacks audit`: the user's config and options with what its plan asks for instead.
import { type PlaywrightTestConfig, test } from '@playwright/test';
import type { AuditPlan } from '../audit/plan.ts';
import type { StacksOptions } from '../config/options.ts';
import { auditedOptions, auditedWebServer } from './audited-options.ts';
import { type AuditedProject, fileArranger, rootArranger, type Unit } from './audited-suites.ts';
import { isWorker } from './is-worker.ts';
import { watchAllTests } from './private-suites.ts';
import { isolationOf, projectsOf } from './variant.ts';
import { worker } from './worker/worker-state.ts';

/** Also has Playwright's suites ordered, in the runner and in workers. The user's reporters are left out. */
export function audited<Config extends PlaywrightTestConfig>(
  config: Config,
  options: StacksOptions,
  plan: AuditPlan,
): readonly [Config, StacksOptions] {
  const projects = projectsAsAudited(config, options);
  if (isWorker()) {
    const units = new Map<string, Unit>();
    worker.audit ??= { plan, units, arrange: fileArranger(plan, projects, units) };
  } else {
    watchAllTests(test, { before: rootArranger(plan, projects) });
  }
  const webServer = auditedWebServer(config.webServer, plan);
  return [{ ...config, webServer, reporter: [], shard: null } as Config, auditedOptions(options, plan)];
}

function projectsAsAudited(config: PlaywrightTestConfig, options: StacksOptions): ReadonlyMap<string, AuditedProject> {
  const setups = setupNames(config);
  return new Map(
    projectsOf(config).map(({ name = '', use }) => {
      return [name, { level: isolationOf(use, options), isSetup: setups.includes(name) }];
    }),
  );
}

/** Projects that set up and tear down for others. */
export function setupNames({ projects = [] }: PlaywrightTestConfig): string[] {
  return projects.flatMap(({ dependencies = [], teardown }) => [...dependencies, ...(teardown ? [teardown] : [])]);
}
