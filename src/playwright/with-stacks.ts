// `withStacks(config, options)`: the user's Playwright config, with our set-up, teardown, reporter and fixture added to
// what is there. Evaluated in the runner, in the loader and in every worker: cheap, and the same everywhere.
import { fileURLToPath } from 'node:url';
import type { PlaywrightTestConfig } from '@playwright/test';
import type { StacksOptions } from '../config/options.ts';
import { parseOptions } from '../config/parse.ts';
import { DEFAULT_VARIANT } from '../names.ts';
import { findStack, type RunFile, readRunFile } from '../pool/run-file.ts';
import { carriers } from './injected.ts';
import { watchGroups } from './private.ts';
import { runnerState } from './runner-state.ts';
import { variantOf } from './variant.ts';
import { adoptEnvironment } from './worker-session.ts';

type Use = Readonly<Record<string, unknown>>;

/**
 * Gives every Playwright worker a stack of its own: a Postgres database and the app server(s) on it.
 *
 * @param config what `defineConfig()` returned; all of it is kept, in whatever shape it has. Its `webServer` becomes
 *   the slots' servers when `options.server` is absent.
 * @param options see {@link StacksOptions}
 * @returns the config to export. With `STACKS=off` in the environment, `config` itself.
 * @throws StacksError `OPTIONS_INVALID` with all mistakes at once, `PLATFORM_UNSUPPORTED` on Windows
 */
export function withStacks<Config extends PlaywrightTestConfig>(config: Config, options: StacksOptions = {}): Config {
  if (process.env.STACKS === 'off') return config;
  const file = process.env.TEST_WORKER_INDEX === undefined ? undefined : enterWorker(config, options);
  if (!file) runnerState().options = parseOptions(options, config.webServer);

  const { webServer: _, ...kept } = config;
  const variants = Object.keys(options.variants ?? {});
  const use = (own: Use, inherited: Use = {}) => injectedUse(own, inherited, variants, file);
  return {
    ...kept,
    globalSetup: [modulePath('./global-setup.js'), ...list(config.globalSetup)],
    globalTeardown: [...list(config.globalTeardown), modulePath('./global-teardown.js')],
    reporter: [...reporters(config.reporter), [modulePath('./reporter.js')]],
    use: use({ ...config.use }),
    ...(config.projects && {
      projects: config.projects.map((project) => ({ ...project, use: use({ ...project.use }, { ...config.use }) })),
    }),
  } as unknown as Config;
}

/** A worker takes the names of its slot from the run's file, before any test file is loaded. */
function enterWorker(config: PlaywrightTestConfig, options: StacksOptions): RunFile | undefined {
  watchGroups();
  const file = readRunFile();
  // Which project a worker is for is not known yet. Where all ask for one variant it is that one.
  const known = Object.keys(options.variants ?? {});
  const asked = new Set((config.projects ?? [{}]).map(({ use }) => variantOf({ ...config.use, ...use }, known)));
  const [only = DEFAULT_VARIANT] = asked.size === 1 ? asked : [];
  const stack = findStack(file, slotOfWorker(), only);
  if (stack) adoptEnvironment(stack);
  return file;
}

function slotOfWorker(): number {
  return Number(process.env.TEST_PARALLEL_INDEX ?? 0);
}

/** A project's (or the config's) `use` with the carriers, the slot's `baseURL`, and the variant for our fixtures. */
function injectedUse(own: Use, inherited: Use, variants: readonly string[], file: RunFile | undefined): Use {
  const all: Use = { ...inherited, ...own };
  const variant = variantOf(all, variants);
  const { stack: asked, ...rest } = own;
  return {
    ...rest,
    // Playwright would take it for a value of our `stack` fixture; a user's own `stack` is none of ours.
    ...(asked !== undefined && asked !== variant && { stack: asked }),
    ...carriers(all, variant),
    $variant: variant,
    ...(file && { baseURL: slotBaseURL(all.baseURL, findStack(file, slotOfWorker(), variant)?.url) }),
  };
}

/** The slot's origin, with the path of the user's `baseURL`. */
function slotBaseURL(own: unknown, origin: string | undefined): unknown {
  if (!origin) return own;
  if (typeof own !== 'string' || !URL.canParse(own)) return origin;
  const { pathname, search } = new URL(own);
  return pathname === '/' && !search ? origin : origin + pathname + search;
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
