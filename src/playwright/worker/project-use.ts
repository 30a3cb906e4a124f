// What a project's `use` shows in a worker. Playwright finds our functions there when it builds the fixtures of a file,
// which it does while no test runs; everybody else (`testInfo.project.use`, worker fixtures, a test file that imports the
// config) finds the user's values.
import { type FullConfig, test } from '@playwright/test';
import { worker } from './worker-state.ts';

type Use = Readonly<Record<string, unknown>>;

/** By each function of ours: the `use` as its user wrote it. */
const written = new WeakMap<object, Use>();
/** What withStacks() has returned. */
const returned: Record<string, unknown>[] = [];

/**
 * Puts our functions into a `use` that withStacks() returns.
 * @param own the `use` as its user wrote it, what it inherits included
 */
export function withFunctions(use: Use, functions: object, own: Use): Use {
  for (const each of Object.values(functions)) written.set(each, own);
  const injected = { ...use, ...functions };
  returned.push(injected);
  return injected;
}

/** Called when Playwright has read the config, by whichever function of ours is set up first. */
export function showWritten(config: FullConfig): void {
  for (const use of returned.splice(0)) {
    const own = asWritten(use);
    for (const name of Object.keys(use)) delete use[name];
    Object.assign(use, own);
  }
  for (const project of config.projects) {
    const injected = project.use;
    if (!isInjected(injected)) continue;
    let shown: Use | undefined;
    const get = () => {
      if (!isTestRunning()) return injected;
      shown ??= asWritten(injected);
      return shown;
    };
    Object.defineProperty(project, 'use', { enumerable: true, get });
  }
}

function isInjected(use: Use): boolean {
  return Object.values(use).some(writtenFor);
}

function asWritten(use: Use): Use {
  const own = Object.values(use).map(writtenFor).find(Boolean);
  if (!own) return use;
  const { $variant: _, ...rest } = use;
  const all = { ...rest, stack: own.stack };
  const entries = Object.entries(all).map(([name, value]) => [name, writtenFor(value) ? own[name] : value]);
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined));
}

function writtenFor(value: unknown): Use | undefined {
  return typeof value === 'function' ? written.get(value) : undefined;
}

/** Also the tear-down of worker fixtures: nothing is built after that. */
function isTestRunning(): boolean {
  if (worker.watched?.isStopping) return true;
  try {
    test.info();
    return true;
  } catch {
    return false; // Playwright's own way to say that no test runs.
  }
}
