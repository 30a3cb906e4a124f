// Builds and packs the package in a folder of its own, and installs the tarball as a user would.
import { execFile } from 'node:child_process';
import { chmod, cp, mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { npmEnv } from './env.ts';

interface Manifest {
  readonly name: string;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, { readonly version?: string }>>;
}

/** Fixtures of e2e/apps, whose dependencies their tests install. */
const INSTALLED_LATER = [
  'nextjs',
  'express-knex',
  'express-graphile-worker',
  'react-router-drizzle',
  'sveltekit-kysely',
  'astro-sequelize',
  'fastify-mikro-orm',
  'hono-kysely',
  'nestjs-typeorm',
  'nuxt-drizzle',
  'nextjs-prisma',
];
const NOT_PACKED = new Set(['node_modules', '.git', 'dist', 'e2e', 'fixtures', 'bench', 'test-results']);

/** Fills `folder`; the file `ready` is written last. */
export async function buildHome(root: string, folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  for (const name of ['', 'projects', 'cache', 'runs', 'servers', 'package']) {
    const created = path.join(folder, name);
    await mkdir(created, { recursive: true });
    await chmod(created, 0o755); // Whatever the umask: Postgres runs as another user when we are root.
  }
  const tarball = await pack(root, path.join(folder, 'package'));
  const dependencies = { ...(await dependenciesOfConsumers(root)), 'playwright-stacks': `file:./package/${tarball}` };
  const manifest = { name: 'consumers', private: true, type: 'module', dependencies };
  await writeFile(path.join(folder, 'package.json'), JSON.stringify(manifest, undefined, 2));
  await npm(folder, ['install', '--prefer-offline', '--no-audit', '--no-fund']);
  await writeFile(path.join(folder, 'ready'), '');
}

// Not in the package's own folder: other runs may be building or using `dist` there, and files of an older build stay in it.
async function pack(root: string, staging: string): Promise<string> {
  for (const name of await readdir(root)) {
    if (!NOT_PACKED.has(name)) await cp(path.join(root, name), path.join(staging, name), { recursive: true });
  }
  await symlink(path.join(root, 'node_modules'), path.join(staging, 'node_modules'));
  const packed = await npm(staging, ['pack', '--silent']); // There is no `dist`: `prepack` makes it.
  return packed.trim().split('\n').at(-1) ?? '';
}

/** Playwright, and what each fixture declares, in the versions of the root's lock file. */
async function dependenciesOfConsumers(root: string): Promise<Record<string, string>> {
  const lock: Lock = JSON.parse(await readFile(path.join(root, 'package-lock.json'), 'utf8'));
  const wanted: Record<string, string> = { '@playwright/test': '*' };
  for (const fixture of await readdir(path.join(root, 'fixtures'))) {
    if (INSTALLED_LATER.includes(fixture)) continue;
    const file = path.join(root, 'fixtures', fixture, 'package.json');
    const text = await readFile(file, 'utf8').catch(() => '{}'); // A fixture without dependencies has none.
    Object.assign(wanted, (JSON.parse(text) as Partial<Manifest>).dependencies);
  }
  const exact = Object.entries(wanted).map(([name, range]) => {
    return [name, lock.packages[`node_modules/${name}`]?.version ?? range];
  });
  return Object.fromEntries(exact);
}

async function npm(cwd: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('npm', args, { cwd, env: npmEnv(), timeout: 150_000 });
    return stdout;
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    throw new Error(`npm ${args.join(' ')} failed in ${cwd}:\n${stdout}${stderr}`, { cause: error });
  }
}
