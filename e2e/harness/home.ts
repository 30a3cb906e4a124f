// The consumer home: a folder where the packed package and all that the fixtures need are really installed.
// Made once per content of the package, shared by workers and runs, locked for as long as it is used.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildHome } from './build-home.ts';
import { flock } from './flock.ts';

/** The folder of the package under test. */
export const root: string = fileURLToPath(new URL('../..', import.meta.url));

const BASE = path.join(tmpdir(), `playwright-stacks-e2e-${process.getuid?.() ?? 0}`);
const KEPT = 2;
const BUILD_TIMEOUT = 180_000;

export interface Home {
  /** Below it: `node_modules`, `projects` (copies of fixtures), `cache` (STACKS_CACHE), `runs` (events, reports), `servers`. */
  readonly folder: string;
  readonly release: () => Promise<void>;
}

/** Makes the home of the package's present content, or takes the one that is there. */
export async function takeHome(): Promise<Home> {
  await mkdir(BASE, { recursive: true, mode: 0o755 });
  const key = await contentKey();
  const folder = path.join(BASE, key);
  const lock = `${folder}.lock`;
  for (;;) {
    const release = await flock(lock, 'shared', BUILD_TIMEOUT);
    if (!release) throw new Error(`${lock}: another process held the consumer home for ${BUILD_TIMEOUT} ms.`);
    if (existsSync(path.join(folder, 'ready'))) {
      const now = new Date();
      await utimes(folder, now, now);
      await removeOldHomes(key);
      return { folder, release };
    }
    await release();
    await makeHome(folder, lock);
  }
}

async function makeHome(folder: string, lock: string): Promise<void> {
  const release = await flock(lock, 'exclusive', BUILD_TIMEOUT);
  if (!release) throw new Error(`${lock}: another process held the consumer home for ${BUILD_TIMEOUT} ms.`);
  try {
    if (!existsSync(path.join(folder, 'ready'))) await buildHome(root, folder);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  } finally {
    await release();
  }
}

/** A hash of all that the tarball and the installation are made from. */
async function contentKey(): Promise<string> {
  const hash = createHash('sha256');
  for (const file of await inputs()) hash.update(`${file}\0`).update(await readFile(path.join(root, file)));
  return hash.digest('hex').slice(0, 12);
}

async function inputs(): Promise<string[]> {
  const sources = await readdir(path.join(root, 'src'), { recursive: true, withFileTypes: true });
  const files = sources
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.test.ts'))
    .map((entry) => path.relative(root, path.join(entry.parentPath, entry.name)));
  const fixtures = await readdir(path.join(root, 'fixtures'));
  const manifests = fixtures.map((name) => path.join('fixtures', name, 'package.json'));
  const others = ['package.json', 'package-lock.json', 'tsconfig.json', 'e2e/harness/build-home.ts', ...manifests];
  return [...files, ...others.filter((file) => existsSync(path.join(root, file)))].sort();
}

async function removeOldHomes(current: string): Promise<void> {
  const names = (await readdir(BASE)).filter((name) => /^[0-9a-f]{12}$/.test(name) && name !== current);
  const aged = await Promise.all(
    names.map(async (name) => ({
      name,
      used: (await stat(path.join(BASE, name)).catch(() => undefined))?.mtimeMs ?? 0,
    })),
  );
  aged.sort((a, b) => b.used - a.used);
  for (const { name } of aged.slice(KEPT - 1)) {
    const folder = path.join(BASE, name);
    const release = await flock(`${folder}.lock`, 'exclusive', 0);
    if (!release) continue; // In use by another run.
    await rm(folder, { recursive: true, force: true });
    await rm(`${folder}.lock`, { force: true });
    await release();
  }
}
