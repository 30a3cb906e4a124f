// Storage states and ports: what a setup project saved on one slot's origin is good for every slot's. The file gets an
// entry for each.
import { readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { type RunFile, readRunFile } from '../../lease/run-file.ts';
import { onNewContext } from '../private.ts';

interface StorageState {
  origins?: { origin: string }[];
}

/** Before a test whose `storageState` is a file, or a value, of another slot. */
export function fitStorageState(state: unknown): void {
  if (typeof state === 'string') fitFile(state);
  else if (typeof state === 'object' && state !== null) spread(state);
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
  const changed = statSync(path, { throwIfNoEntry: false })?.mtimeMs;
  if (changed === undefined || seen.get(path) === changed) return;
  seen.set(path, changed);
  const state = parse(readFileSync(path, 'utf8'));
  if (!state || !spread(state)) return;
  // Another worker may read it now.
  const whole = `${path}.${process.pid}`;
  writeFileSync(whole, JSON.stringify(state, undefined, 2), { mode: 0o600 });
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
