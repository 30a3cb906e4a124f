// Where what later runs can use again is kept: clusters, and binaries that had to be copied. Only where nobody else may
// change it, but root and who may change the project, whose code runs here anyway.
import { constants, readdirSync, statSync } from 'node:fs';
import { access, mkdir, realpath } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { messageOf, StacksError } from '../../errors.ts';
import { identityOf } from '../../files/identity.ts';
import { nearestModules } from '../../files/nearest-modules.ts';
import { changeableByOthers, modeOf, type Trusted } from '../../files/others.ts';
import { makePrivateFolder } from '../../files/private-folder.ts';
import { closedFolder, postgresUser } from './postgres-user.ts';

/** The folder named by `STACKS_CACHE`, else one in the project's node_modules, else one of ours in the temporary folder. */
export async function cacheFolder(root: string, env: NodeJS.ProcessEnv = process.env): Promise<string> {
  const trusted = trustedBy(root);
  if (env.STACKS_CACHE) return namedFolder(resolve(root, env.STACKS_CACHE), trusted);
  const modules = nearestModules(root);
  const project = modules && join(modules, '.cache', 'playwright-stacks');
  if (project && (await unusable(project, trusted, modules)) === undefined) return project;
  return temporaryFolder();
}

/** This user, and whoever owns the project, or writes to it by its group. */
function trustedBy(root: string): Trusted {
  const project = statSync(root, { throwIfNoEntry: false });
  const group = project && (project.mode & 0o020) !== 0 ? project.gid : undefined;
  return { users: new Set([process.geteuid?.(), project?.uid]), groups: new Set([process.getegid?.(), group]) };
}

async function namedFolder(folder: string, trusted: Trusted): Promise<string> {
  const reason = await unusable(folder, trusted);
  if (reason === undefined) return folder;
  throw cannotUse(folder, reason, 'set STACKS_CACHE to a folder that you, and nobody else, can write; or unset it.');
}

/**
 * Makes `folder`; says why it cannot be used, undefined when it can.
 * @param above who may change this one may change the project
 */
async function unusable(folder: string, trusted: Trusted, above?: string): Promise<string | undefined> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK | constants.X_OK);
    const theirs = changeableByOthers(await realpath(folder), trusted, above && (await realpath(above)));
    if (theirs !== undefined) return `other users may change what is in ${theirs}`;
  } catch (error) {
    return messageOf(error);
  }
  const closed = await closedFolder(folder, postgresUser());
  return closed && `Postgres, which runs as uid ${postgresUser()?.uid}, may not enter ${closed}`;
}

/** The first that is ours alone. Where another has taken the name, one with a name that nobody can take before. */
async function temporaryFolder(): Promise<string> {
  const bases = [tmpdir(), '/tmp'];
  const open = await Promise.all(bases.map(async (base) => !(await closedFolder(base, postgresUser()))));
  const base = bases.find((_, index) => open[index]) ?? tmpdir();
  const name = `playwright-stacks-cache-${process.geteuid?.()}`;
  try {
    await mkdir(join(base, name), { mode: 0o755 }).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error;
    });
    const names = readdirSync(base).filter((each) => each === name || each.startsWith(`${name}-`));
    const found = names
      .sort()
      .map((each) => join(base, each))
      .find(isOursAlone);
    return found ?? makePrivateFolder(base, `${name}-`, 0o755).path;
  } catch (error) {
    throw cannotUse(join(base, name), messageOf(error), 'set STACKS_CACHE to a folder of your own.');
  }
}

function isOursAlone(folder: string): boolean {
  return identityOf(folder)?.owner === process.geteuid?.() && (modeOf(folder) & 0o022) === 0;
}

function cannotUse(folder: string, reason: string, hint: string): StacksError {
  return new StacksError('POSTGRES_FAILED', `the cache folder ${folder} cannot be used.`, { facts: { reason }, hint });
}
