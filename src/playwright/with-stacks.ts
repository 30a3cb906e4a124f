// `withStacks(config, options)`: the user's Playwright config, with our set-up, teardown, reporter and fixture added to
// what is there. Evaluated in the runner, in the loader and in every worker: cheap, and the same everywhere.
import { fileURLToPath } from 'node:url';
import type { PlaywrightTestConfig } from '@playwright/test';
import { readPlan } from '../audit/plan.ts';
import { adoptWebServer, withOwnPorts } from '../config/adopt-web-server.ts';
import { developmentServers, withDevelopmentPorts } from '../config/development-origins.ts';
import type { ServerOptions, StacksOptions } from '../config/options.ts';
import { asArray, parseOptions } from '../config/parse.ts';
import { refuseConfig } from '../config/refuse-config.ts';
import { findStack, type RunFile, readRunFile } from '../lease/run-file.ts';
import { audited, setupNames } from './audited-config.ts';
import { noteSetUp } from './audited-options.ts';
import { slotBaseURL } from './base-url.ts';
import { isWorker } from './is-worker.ts';
import { runnerState } from './runner/runner-state.ts';
import { askedVariants, isolationOf, projectsOf, sequencesOf, variantOf } from './variant.ts';
import { moveFileBaseURLs } from './worker/file-base-url.ts';
import { injectedFixtures, leasedBaseURL, withLeasedBaseURL, withoutStack } from './worker/injected.ts';
import { withFunctions } from './worker/project-use.ts';
import { adoptVariables, forgetVariables } from './worker/slot-variables.ts';
import { watchWorker } from './worker/worker-session.ts';

type Use = Readonly<Record<string, unknown>>;

/**
 * Gives every Playwright worker a stack of its own: a Postgres database and the app server(s) on it.
 *
 * @param config what `defineConfig()` returned; all of it is kept, in whatever shape it has. Its `webServer` becomes
 *   the slots' servers when `options.server` is absent, and is what `STACKS=off` uses in any case.
 * @param options see {@link StacksOptions}
 * @returns the config to export. With `STACKS=off` in the environment, `config` itself, `{port}` in its `webServer` filled.
 * @throws StacksError `OPTIONS_INVALID` with all mistakes at once, `PLATFORM_UNSUPPORTED` on Windows
 */
export function withStacks<Config extends PlaywrightTestConfig>(config: Config, options: StacksOptions = {}): Config {
  if (process.env.STACKS === 'off') return withoutStacks(config);
  refuseConfig(config, isWrapped);
  const plan = readPlan();
  if (!plan) return wrapped(config, options);
  const result = wrapped(...audited(config, options, plan));
  noteSetUp(plan, runnerState().options, setupNames(config));
  return result;
}

function wrapped<Config extends PlaywrightTestConfig>(config: Config, options: StacksOptions): Config {
  const variants = Object.keys(options.variants ?? {});
  const webServers = adoptWebServer(config.webServer);
  const isInWorker = isWorker();
  const baseURLs = projectsOf(config).map(({ use }) => use.baseURL);
  const written = asArray(options.server) ?? webServers;
  const unchecked = isInWorker ? withDevelopmentPorts(written, webServers, baseURLs) : [];
  const file = isInWorker ? enterWorker(config, options, unchecked) : undefined;
  // The runner has checked what a worker of its run gets.
  if (!file) parse(config, options, variants);

  const { webServer: _, ...kept } = config;
  return {
    ...kept,
    globalSetup: [modulePath('./runner/global-setup.js'), ...list(config.globalSetup)],
    globalTeardown: [...list(config.globalTeardown), modulePath('./runner/global-teardown.js')],
    reporter: [...reporters(config.reporter), [modulePath('./runner/reporter.js')]],
    ...(isInWorker && injected(config, { options, variants, adopted: unchecked, webServers, baseURLs, file })),
  } as unknown as Config;
}

/** As Playwright itself takes it. */
function withoutStacks<Config extends PlaywrightTestConfig>(config: Config): Config {
  if (!/\{(?:port|url)\b/.test(JSON.stringify(config.webServer ?? ''))) return config;
  return { ...config, webServer: withOwnPorts(config.webServer) };
}

/** Also where it was spread, or passed through defineConfig() again. */
function isWrapped({ globalSetup }: PlaywrightTestConfig): boolean {
  return list(globalSetup).includes(modulePath('./runner/global-setup.js'));
}

function parse(config: PlaywrightTestConfig, options: StacksOptions, variants: readonly string[]): void {
  const used = projectsOf(config).map(({ path, use }) => ({
    path,
    isolation: use.isolation,
    sequences: use.sequences,
    baseURL: use.baseURL,
  }));
  runnerState().hasGlobalSetup = list(config.globalSetup).length > 0;
  runnerState().options = parseOptions(options, config.webServer, askedVariants(config, variants), used);
}

/** A worker takes the names of its slot from the run's file, before any test file is loaded. */
function enterWorker(
  config: PlaywrightTestConfig,
  options: StacksOptions,
  servers: readonly ServerOptions[],
): RunFile | undefined {
  const file = readRunFile();
  if (!file) return undefined;
  watchWorker(file);
  // Which project a worker is for is not known yet. Where all ask for one variant it is that one.
  const [only, ...others] = new Set(askedVariants(config, Object.keys(options.variants ?? {})).map(({ name }) => name));
  const someOff = projectsOf(config).some(({ use }) => isolationOf(use, options) === 'off');
  const stack =
    only !== undefined && others.length === 0 && !someOff ? findStack(file, slotOfWorker(), only) : undefined;
  if (stack) {
    adoptVariables(stack, file);
    moveFileBaseURLs(
      [...[config, ...(config.projects ?? [])].map(({ use }) => use?.baseURL), ...developmentOrigins(config.webServer)],
      stack,
      servers,
    );
  } else forgetVariables(file);
  return file;
}

/** Of the servers that `STACKS=off` uses. */
function developmentOrigins(webServer: unknown): string[] {
  return [...developmentServers(adoptWebServer(webServer)).keys()].map((port) => `http://localhost:${port}`);
}

function slotOfWorker(): number {
  return Number(process.env.TEST_PARALLEL_INDEX ?? 0);
}

interface InjectionContext {
  readonly options: StacksOptions;
  readonly variants: readonly string[];
  readonly adopted: readonly ServerOptions[];
  /** What `STACKS=off` uses. */
  readonly webServers: readonly ServerOptions[];
  /** The projects'. */
  readonly baseURLs: readonly unknown[];
  readonly file: RunFile | undefined;
}

/** For workers only: the runner builds no fixtures, and whoever reads `use` there reads what the user wrote. */
function injected({ use = {}, projects }: PlaywrightTestConfig, context: InjectionContext): object {
  if (!projects) return { use: injectedUse({ ...use }, {}, context, 'tests') };
  const setups = new Set(projects.flatMap(({ dependencies = [] }) => dependencies));
  const roleOf = (name: string | undefined) => (name !== undefined && setups.has(name) ? 'setup' : 'tests');
  return {
    use: withoutVariant({ ...use }, context.variants),
    projects: projects.map((project) => ({
      ...project,
      use: injectedUse({ ...project.use }, { ...use }, context, roleOf(project.name)),
    })),
  };
}

/** A project's `use` with our functions, the slot's `baseURL`, and the variant for our fixtures. */
function injectedUse(own: Use, inherited: Use, context: InjectionContext, role: 'setup' | 'tests'): Use {
  const { options, variants, adopted, file } = context;
  const all: Use = { ...inherited, ...own };
  const level = isolationOf(all, options);
  if (level === 'off') return withFunctions(own, withoutStack(all), all);
  const variant = variantOf(all, variants);
  const ofVariant = asArray(options.variants?.[variant]?.server);
  const servers = ofVariant ? withDevelopmentPorts(ofVariant, context.webServers, context.baseURLs) : adopted;
  const stack = findStack(file, slotOfWorker(), variant);
  const { baseURL, ...rest } = withoutVariant(own, variants);
  const use = {
    ...rest,
    $variant: variant,
    ...(file ? stack && { baseURL: slotBaseURL(all.baseURL, stack, servers) } : baseURL !== undefined && { baseURL }),
  };
  const developmentPorts = [...developmentServers([...servers, ...context.webServers]).keys()];
  const { developmentOrigin = 'error' } = options;
  const project = {
    variant,
    servers,
    level,
    sequences: sequencesOf(all),
    developmentPorts,
    developmentOrigin,
    isSetup: role === 'setup',
    keep: file?.keep ?? 'never',
  };
  if (!file || stack) return withFunctions(use, injectedFixtures(all, project), all);
  return withFunctions(
    use,
    { ...injectedFixtures(all, project), ...leasedBaseURL(all, project) },
    withLeasedBaseURL(all, project),
  );
}

/** Playwright would take `stack` for a value of our `stack` fixture; a user's own `stack` is none of ours. */
function withoutVariant(use: Use, variants: readonly string[]): Use {
  const { stack, ...rest } = use;
  return stack === undefined || stack === variantOf(use, variants) ? rest : use;
}

/** With no reporter set Playwright has a default, which naming ours would replace. */
function reporters(own: PlaywrightTestConfig['reporter']): unknown[] {
  if (own === undefined) return [[process.env.CI ? 'dot' : 'list']];
  return typeof own === 'string' ? [[own]] : [...own];
}

function list(entry: string | readonly string[] | undefined): readonly string[] {
  if (entry === undefined) return [];
  return typeof entry === 'string' ? [entry] : entry;
}

function modulePath(relative: string): string {
  return fileURLToPath(new URL(relative, import.meta.url));
}
