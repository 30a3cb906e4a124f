// `doctor`: what a run needs of this machine, checked, and what to do where it is missing.
import { availableParallelism } from 'node:os';
import { messageOf } from '../errors.ts';
import { writeOut } from '../text/terminal.ts';
import type { Check } from './check.ts';
import { checkGit, checkMemory, checkNode, checkSharedMemory } from './check-machine.ts';
import { checkBrowser, checkPlaywright } from './check-playwright.ts';
import { checkPostgres } from './check-postgres.ts';
import { table } from './table.ts';

/** Exit code 1 when a run would fail. */
export async function doctor(folder: string): Promise<number> {
  // Playwright's own default, which the config may change.
  const workers = Math.max(1, Math.floor(availableParallelism() / 2));
  const checks: readonly (readonly [string, () => Check | Promise<Check>])[] = [
    ['Node', checkNode],
    ['Playwright', () => checkPlaywright(folder)],
    ['browser', () => checkBrowser(folder)],
    ['Postgres', () => checkPostgres(folder, process.env.STACKS_DATABASE_URL, workers)],
    ['git', checkGit],
    ['/dev/shm', checkSharedMemory],
    ['memory', () => checkMemory(workers)],
  ];
  const done = await Promise.all(checks.map(async ([name, check]) => ({ name, ...(await safely(check)) })));
  writeOut(
    table(
      done.map(({ state, name, found }) => [state, name, found]),
      '',
    ),
  );
  const todo = done.flatMap(({ name, todo }) => (todo === undefined ? [] : [`${name}: ${todo}`]));
  writeOut(todo.length === 0 ? '\nEverything looks good.\n' : `\nTo do:\n  ${todo.join('\n  ')}\n`);
  return done.some(({ state }) => state === 'fail') ? 1 : 0;
}

async function safely(check: () => Check | Promise<Check>): Promise<Check> {
  try {
    return await check();
  } catch (error) {
    return { state: 'fail', found: messageOf(error).split('\n')[0] ?? '', todo: hintOf(error) };
  }
}

/** Errors of ours say what to do. */
function hintOf(error: unknown): string {
  const details: unknown = Reflect.get(Object(error), 'details');
  return String(Reflect.get(Object(details), 'hint') ?? messageOf(error));
}
