// Makes the binaries runnable where they are, without touching their package; where Postgres's user cannot get at them
// (a home folder that only its owner may enter), from a copy in the cache. An installation of the machine's runs as it is.
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, readFile, symlink } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { promisify } from 'node:util';
import type { Binaries, PackagedBinaries } from './binaries.ts';
import { openCacheSection } from './own-cache.ts';
import { allows, closedFolder, postgresUser } from './postgres-user.ts';
import { publishFolder, removeLeftovers } from './published-folder.ts';

export interface Runnable {
  readonly postgres: string;
  readonly initdb: string;
  readonly env: Readonly<Record<string, string>>;
}

/**
 * @param links a folder to make: npm drops the symlinks of shared libraries, and install scripts, which would make them
 *   again, may be switched off. So we always make our own.
 */
export async function makeRunnable(binaries: Binaries, cache: string, links: string): Promise<Runnable> {
  const added = binaries.extensions?.libraries ?? [];
  if (!isPackaged(binaries)) return { ...programsIn(binaries.bin), env: added.length > 0 ? searchedFor(added) : {} };
  const native = (await reachable(binaries.native)) ? binaries.native : await copyBinaries(binaries, cache);
  await linkLibraries(native, links);
  return { ...programsIn(join(native, 'bin')), env: searchedFor([links, join(native, 'lib'), ...added]) };
}

function searchedFor(folders: readonly string[]): Runnable['env'] {
  const path = folders.join(':');
  return { LD_LIBRARY_PATH: path, DYLD_LIBRARY_PATH: path };
}

function isPackaged(binaries: Binaries): binaries is PackagedBinaries {
  return binaries.native !== undefined;
}

function programsIn(bin: string): Omit<Runnable, 'env'> {
  return { postgres: join(bin, 'postgres'), initdb: join(bin, 'initdb') };
}

/** Looks at the folders above and at one file of each kind: what a umask or a home folder closes, it closes for all. */
async function reachable(native: string): Promise<boolean> {
  const user = postgresUser();
  const folders = ['bin', 'lib', 'share'].map((name) => closedFolder(join(native, name), user));
  if ((await Promise.all(folders)).some((closed) => closed)) return false;
  return allows(join(native, 'bin', 'postgres'), user, 0o5);
}

async function copyBinaries({ native, version }: PackagedBinaries, cache: string): Promise<string> {
  const section = await openCacheSection(cache, 'binaries');
  const name = `${version}-${process.platform}-${process.arch}`;
  const copy = join(section, name, 'native');
  if (existsSync(copy)) return copy;
  await removeLeftovers(section);
  await publishFolder(section, name, async (folder) => {
    await promisify(execFile)('cp', ['-R', native, join(folder, 'native')]);
    await promisify(execFile)('chmod', ['-R', 'a+rX', folder]);
  });
  return copy;
}

async function linkLibraries(native: string, links: string): Promise<void> {
  await mkdir(links);
  await chmod(links, 0o755); // Whatever the umask: Postgres may run as another user.
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const symlinks = JSON.parse(await readFile(list, 'utf8')) as { source: string; target: string }[];
  await Promise.all(
    symlinks.map(({ source, target }) => symlink(join(native, '..', source), join(links, basename(target)))),
  );
}
