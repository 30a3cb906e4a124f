// Storage states and ports: what a setup project saved on one slot's origin is good for every slot's, and what was saved
// on the developer's own server for the slot's. It is made to fit when a context is made with it: files stay as they are.
import { readFileSync, statSync } from 'node:fs';
import { relative } from 'node:path';
import type { ServerOptions } from '../../config/options.ts';
import { developmentPort, serverName } from '../../config/server-mistakes.ts';
import { type RunFile, readRunFile } from '../../lease/run-file.ts';

interface StorageState {
  readonly origins?: readonly { readonly origin: string }[];
}

/** The `storageState` of the test that runs now. */
let current: unknown;

/** Before a test, and with undefined after it. */
export function noteStorageState(state: unknown): void {
  current = state;
}

/** What is to be said of a failed test that begins with a login of an earlier run. */
export function oldStateHint(): string | undefined {
  const run = readRunFile();
  if (!run || typeof current !== 'string') return undefined;
  const saved = statSync(current, { throwIfNoEntry: false })?.mtimeMs;
  if (!saved || saved >= statSync(run.path).mtimeMs) return undefined;
  const at = new Date(saved).toISOString().slice(0, 16).replace('T', ' ');
  return `its storageState, ${relative(process.cwd(), current)}, was saved before this run (${at} UTC): a session that it names is in no database of this run. Let the project that signs in run first (as a dependency, without --no-deps), or make the session in \`database.seed\``;
}

/**
 * What a context is made with, its `storageState` good for every slot: the one given, or else the test's.
 * @param servers as the user wrote them
 */
export function withFittingState(
  options: Readonly<Record<string, unknown>>,
  servers: readonly ServerOptions[],
): Readonly<Record<string, unknown>> {
  const given = 'storageState' in options ? options.storageState : current;
  const file = readRunFile();
  const state = stateOf(given);
  const added = file && state ? lackingOrigins(state, file, servers) : [];
  return added.length === 0
    ? options
    : { ...options, storageState: { ...state, origins: [...origins(state), ...added] } };
}

function stateOf(given: unknown): StorageState | undefined {
  if (typeof given !== 'string') return typeof given === 'object' && given !== null ? given : undefined;
  try {
    return JSON.parse(readFileSync(given, 'utf8'));
  } catch {
    return undefined; // There is none, or it is no storage state: Playwright says so better.
  }
}

function origins(state: StorageState | undefined): NonNullable<StorageState['origins']> {
  return Array.isArray(state?.origins) ? state.origins : [];
}

/** What `state` holds of a server, for each origin of that server of which it holds nothing. */
function lackingOrigins(state: StorageState, file: RunFile, servers: readonly ServerOptions[]) {
  const known = new Set(origins(state).map(({ origin }) => origin));
  return origins(state).flatMap((entry) =>
    siblings(entry.origin, file, servers)
      .filter((origin) => !known.has(origin) && known.add(origin))
      .map((origin) => ({ ...entry, origin })),
  );
}

/** The origins of the same server on every slot. */
function siblings(origin: string, { stacks }: RunFile, servers: readonly ServerOptions[]): string[] {
  const name = ofSlot() ?? ofDeveloper();
  return name === undefined ? [] : stacks.flatMap((stack) => stack.servers[name] ?? []);

  function ofSlot(): string | undefined {
    const names = stacks.flatMap((stack) => Object.entries(stack.servers).filter(([, url]) => url === origin));
    return names[0]?.[0];
  }

  function ofDeveloper(): string | undefined {
    if (!/^http:\/\/(localhost|127\.0\.0\.1|\[::1\]):\d+$/.test(origin)) return undefined;
    const index = servers.findIndex((server) => developmentPort(server) === new URL(origin).port);
    const server = servers[index];
    return server && serverName(server, index);
  }
}
