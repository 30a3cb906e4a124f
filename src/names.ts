// Every name that we give to something outside this process. All begin with "stk", so that they can be distinguished from others'.
// The board's page has it, too: nothing of Node's.
import type { Origin } from './events.ts';

/** A run's key: 10 lower-case hex digits, part of the name of everything that the run makes. */
export function newRunKey(): string {
  return [...crypto.getRandomValues(new Uint8Array(5))].map((byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** Begins the application_name of every session of ours. */
export const APPLICATION = 'playwright-stacks';

/** Begins the application_name of every session that a worker opens on its stack's database. */
export const WORKER = 'playwright-stacks worker';

/** Begins the reason of every skip of ours. */
export const SKIPPED = 'playwright-stacks: ';

/** Begins the name of a run's own folder. Random letters follow, so that nobody can take the name before. */
export function runFolderPrefix(run: string): string {
  return `stk-${run}-`;
}

/** The run whose own folder has this name. Undefined: no such name. */
export function runOfFolder(name: string): string | undefined {
  return /^stk-([0-9a-f]{10})-[A-Za-z0-9]{6}$/.exec(name)?.[1];
}

/** The same for the folder of its embedded Postgres. */
export function dataFolderPrefix(run: string): string {
  return `stk-${run}-pg-`;
}

/** The same for what its servers copy. */
export function copiesFolderPrefix(run: string): string {
  return `stk-${run}-copies-`;
}

export function runOfCopiesFolder(name: string): string | undefined {
  return /^stk-([0-9a-f]{10})-copies-[A-Za-z0-9]{6}$/.exec(name)?.[1];
}

export function runOfDataFolder(name: string): string | undefined {
  return /^stk-([0-9a-f]{10})-pg-[A-Za-z0-9]{6}$/.exec(name)?.[1];
}

/** The same for the folder of its worktrees. */
export function workspacesPrefix(run: string): string {
  return `stk-${run}-ws-`;
}

export function runOfWorkspaces(name: string): string | undefined {
  return /^stk-([0-9a-f]{10})-ws-[A-Za-z0-9]{6}$/.exec(name)?.[1];
}

/** The same for what a command and the runs that it starts have in common. */
export function commandFolderPrefix(command: 'audit' | 'doctor'): string {
  return `playwright-stacks-${command}-`;
}

export function isCommandFolder(name: string): boolean {
  return /^playwright-stacks-(audit|doctor)-[A-Za-z0-9]{6}$/.test(name);
}

/** The name of the default variant, which a project gets that asks for none. */
export const DEFAULT_VARIANT = 'default';

/** The name of the database that a stack has in any case. */
export const MAIN_DATABASE = 'main';

/** `stk_<run>_<slot>`, and `_<variant>` where it is not the default one: the clone's name, and `stack.key`. */
export function stackKey(run: string, slot: number, variant: string): string {
  return variant === DEFAULT_VARIANT ? `stk_${run}_${slot}` : `stk_${run}_${slot}_${variant}`;
}

/** Whether a database, by its name, is a clone of the run's. */
export function isCloneOf(run: string, database: string): boolean {
  return database.startsWith(`stk_${run}_`);
}

/** The same for what `build` is run on. */
export function buildKey(run: string): string {
  return `stk_${run}_build`;
}

/** The run of a stack of that key. Undefined: no such key. */
export function runOfStackKey(key: string): string | undefined {
  return /^stk_([0-9a-f]{10})_\d+(_[a-z0-9_]+)?$/.exec(key)?.[1];
}

/** `stk_…`, and `__<database>` for another one than the main: at most 58 bytes, of the 63 that Postgres keeps. */
export function cloneName(key: string, database: string): string {
  return database === MAIN_DATABASE ? key : `${key}__${database}`;
}

/** The `n`th that a run has set aside: the main database's name, and what all of them are called. */
export function keptName(run: string, n: number): string {
  return `stk_kept_${run}_${n}`;
}

/** "slot 2", or "slot 2 (admin)": how messages name a stack. */
export function stackTitle(slot: number, variant: string): string {
  return variant === DEFAULT_VARIANT ? `slot ${slot}` : `slot ${slot} (${variant})`;
}

/** `slot-2-web.log`, `slot-2-admin-web.log`: the log file of a stack's server. */
export function serverLogName(slot: number, variant: string, server: string): string {
  return `${stackTitle(slot, variant)
    .replace(/[ ()]+/g, '-')
    .replace(/-$/, '')}-${server}.log`;
}

/** "'creates a note'": how messages name what was done on a stack. */
export function originTitle({ test, scope }: Origin): string {
  if (!test) return 'an earlier worker';
  return scope === 'group' ? `the tests up to '${test.title}'` : `'${test.title}'`;
}

/** The template of a fingerprint begins so; of one that only its run uses it is the whole name. */
export function templateName(key: string): string {
  return `stk_template_${key}`;
}

/** Of a stack's key: what no other generation of its servers has. */
export function generationKey(key: string, generation: number): string {
  return `${key}_g${generation}`;
}
