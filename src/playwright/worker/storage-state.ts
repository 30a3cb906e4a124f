// Storage states and ports: what a setup project saved on one slot's origin is good for every slot's. The file gets an
// entry for each.
import { readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { relative } from 'node:path';
import { type RunFile, readRunFile } from '../../lease/run-file.ts';
import { onNewContext } from '../private.ts';

interface StorageState {
  origins?: { origin: string }[];
}

/** Before a test whose `storageState` is a file, or a value, of another slot. */
export function fitStorageState(state: unknown): void {
  current = typeof state === 'string' ? state : undefined;
  if (typeof state === 'string') fitFile(state);
  else if (typeof state === 'object' && state !== null) spread(state);
}

/** The file that the test's `storageState` names. */
let current: string | undefined;

/** What is to be said of a failed test that begins with a login of an earlier run. */
export function oldStateHint(): string | undefined {
  const run = readRunFile();
  const saved = current && statSync(current, { throwIfNoEntry: false })?.mtimeMs;
  if (!run || !saved || saved >= statSync(run.path).mtimeMs) return undefined;
  const at = new Date(saved).toISOString().slice(0, 16).replace('T', ' ');
  return `its storageState, ${relative(process.cwd(), current ?? '')}, was saved before this run (${at} UTC): a session that it names is in no database of this run. Let the project that signs in run first (as a dependency, without --no-deps), or make the session in \`database.seed\``;
}

/** Has every file that `storageState({ path })` writes in this worker made good for all slots. */
export function spreadStorageStates(playwright: object): void {
  onNewContext(playwright, (context) => {
    const save = context.storageState.bind(context);
    context.storageState = async (options) => {
      const state = await save(options);
      if (options?.path) fitFile(options.path);
      return state;
    };
  });
}

/** When each file was last looked at. */
const seen = new Map<string, number>();

function fitFile(path: string): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found === undefined || seen.get(path) === found.mtimeMs) return;
  seen.set(path, found.mtimeMs);
  const state = parse(readFileSync(path, 'utf8'));
  if (!state || !spread(state)) return;
  // Another worker may read it now.
  const whole = `${path}.${process.pid}`;
  writeFileSync(whole, JSON.stringify(state, undefined, 2), { mode: 0o600 });
  utimesSync(whole, found.atime, found.mtime); // when the login was saved, not when it was made to fit
  renameSync(whole, path);
}

function parse(text: string): StorageState | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // Not a storage state: Playwright says so better.
  }
}

/** Adds to `origins` what they hold of a slot for each other slot; says whether anything was lacking. */
function spread(state: StorageState): boolean {
  const { origins } = state;
  const file = readRunFile();
  if (!file || !Array.isArray(origins)) return false;
  const known = new Set(origins.map(({ origin }) => origin));
  const added = origins.flatMap((entry) =>
    siblings(entry.origin, file)
      .filter((origin) => !known.has(origin) && known.add(origin))
      .map((origin) => ({ ...entry, origin })),
  );
  origins.push(...added);
  return added.length > 0;
}

/** The origins of the same server on every slot. */
function siblings(origin: string, { stacks }: RunFile): string[] {
  for (const stack of stacks) {
    const name = Object.keys(stack.servers).find((each) => stack.servers[each] === origin);
    if (name !== undefined) return stacks.flatMap(({ servers }) => servers[name] ?? []);
  }
  return [];
}
