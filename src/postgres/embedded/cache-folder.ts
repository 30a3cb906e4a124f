// Where what later runs can use again is kept: clusters, and binaries that had to be copied.
import { constants, existsSync } from 'node:fs';
import { access, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { messageOf, StacksError } from '../../errors.ts';
import { closedFolder, postgresUser } from './postgres-user.ts';

/** The folder named by `STACKS_CACHE`, else one in the project's node_modules, else one of ours in the temporary folder. */
export async function cacheFolder(root: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  if (env.STACKS_CACHE) return namedFolder(resolve(root, env.STACKS_CACHE));
  const modules = nearestModules(root);
  const project = modules && join(modules, '.cache', 'playwright-stacks');
  if (project && (await usable(project)) === undefined) return project;
  return temporaryFolder();
}

async function namedFolder(folder: string): Promise<string> {
  const reason = await usable(folder);
  if (reason === undefined) return folder;
  throw unusable(folder, reason, 'set STACKS_CACHE to a folder that can be written, or unset it.');
}

/** Makes `folder`; says why Postgres or we cannot use it, undefined when both can. */
async function usable(folder: string): Promise<string | undefined> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
  } catch (error) {
    return messageOf(error);
  }
  const closed = await closedFolder(folder, postgresUser());
  return closed && `Postgres, which runs as uid ${postgresUser()?.uid}, may not enter ${closed}`;
}

/** The node_modules of the nearest package above that has one: not made where a project does without. */
function nearestModules(folder: string): string | undefined {
  const modules = join(folder, 'node_modules');
  if (existsSync(join(folder, 'package.json')) && existsSync(modules)) return modules;
  const parent = dirname(folder);
  return parent === folder ? undefined : nearestModules(parent);
}

/** In a folder that everyone may write, a name can be taken by another: it must be ours alone. */
async function temporaryFolder(): Promise<string> {
  const name = `playwright-stacks-cache-${process.getuid?.()}`;
  const bases = [tmpdir(), '/tmp'];
  const open = await Promise.all(bases.map(async (base) => !(await closedFolder(base, postgresUser()))));
  const folder = join(bases.find((_, index) => open[index]) ?? tmpdir(), name);
  await mkdir(folder, { mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw unusable(folder, error.message, 'set STACKS_CACHE to a folder of your own.');
  });
  const found = await lstat(folder);
  const ours = found.isDirectory() && found.uid === process.getuid?.() && (found.mode & 0o022) === 0;
  const reason = ours ? await usable(folder) : 'it is not a folder that we own and that only we may write';
  if (reason === undefined) return folder;
  throw unusable(folder, reason, 'remove it, or set STACKS_CACHE to a folder of your own.');
}

function unusable(folder: string, reason: string, hint: string): StacksError {
  return new StacksError('POSTGRES_FAILED', `the cache folder ${folder} cannot be used.`, { facts: { reason }, hint });
}
