// A Postgres that is installed on this machine (`database.binaries`), to be started as the embedded server: looked at
// before anything is made, as the user that it will run as.
import { createHash } from 'node:crypto';
import { constants, existsSync } from 'node:fs';
import { access, readdir, readFile, realpath, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, StacksError } from '../../errors.ts';
import { localInstallations } from '../../extensions/local-postgres.ts';
import { type Binaries, OLDEST, packagedBinaries } from './binaries.ts';
import { allows, closedFolder, postgresUser } from './postgres-user.ts';
import { runTool } from './run-tool.ts';

/** Milliseconds that a program may take to say its version. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface InstallationOptions {
  /** Absolute. */
  readonly bin: string;
  /** As the user wrote it: `database.binaries`. */
  readonly option: string;
  readonly signal: AbortSignal;
}

/** @throws POSTGRES_MISSING when it cannot be started, and why */
export async function findInstallation(options: InstallationOptions): Promise<Binaries> {
  const { bin } = options;
  const packaged = await ofPackage(dirname(bin));
  if (packaged) return packaged;
  for (const program of ['postgres', 'initdb']) await mustBeRunnable(program, options);
  const [version, folders] = await Promise.all([versionOf(options), foldersOf(options)]);
  const major = Number.parseInt(version, 10);
  if (major >= OLDEST) {
    const { size } = await stat(join(bin, 'postgres'));
    const extensions = await extensionsIn(folders.share);
    return { bin, ...folders, version, major, identity: `installed ${version} ${size} ${extensions}` };
  }
  throw unfit(options, `is Postgres ${version}, older than ${OLDEST}.`);
}

/** Another version of the npm packages, under another name. */
async function ofPackage(native: string): Promise<Binaries | undefined> {
  const manifest = join(native, '..', 'package.json');
  if (![manifest, ...['pg-symlinks.json', 'bin/postgres'].map((name) => join(native, name))].every(existsSync)) {
    return undefined;
  }
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  return packagedBinaries(native, version);
}

async function mustBeRunnable(program: string, options: InstallationOptions): Promise<void> {
  const { bin } = options;
  const file = join(bin, program);
  try {
    await access(file, constants.X_OK);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES') throw unfit(options, existsSync(bin) ? `has no \`${program}\`.` : 'does not exist.');
    throw unfit(options, `has a \`${program}\` that you may not run.`, { reason: messageOf(error) });
  }
  const user = postgresUser();
  const closed = (await closedFolder(bin, user)) ?? (await closedFolder(dirname(await realpath(file)), user));
  if (closed === undefined && (await allows(file, user, 0o1))) return;
  throw new StacksError(
    'POSTGRES_MISSING',
    `\`${options.option}\`: ${file} cannot be run by uid ${user?.uid}, as whom Postgres has to run: it refuses to be root.`,
    {
      facts: { 'may not enter': closed },
      hint: `let others enter and read it (\`chmod -R o+rX ${closed ?? file}\`), install it elsewhere, or run as another user than root.`,
    },
  );
}

/** `15.20 (Debian 15.20-0+deb12u1)` */
async function versionOf(options: InstallationOptions): Promise<string> {
  const file = join(options.bin, 'postgres');
  const said = await ask([file, '--version'], options).catch((error) => {
    options.signal.throwIfAborted();
    throw unfit(options, 'has a `postgres` that does not run.', { reason: reasonOf(error) });
  });
  const version = /\(PostgreSQL\)\s+(\d.*)/.exec(said)?.[1]?.trim();
  if (version !== undefined) return version;
  throw unfit(options, 'has a `postgres` that is not PostgreSQL’s.', { 'it says': said.trim() });
}

/** Where its files are: by `pg_config`, else by `initdb`. Some packages have the first elsewhere. */
async function foldersOf(options: InstallationOptions): Promise<Pick<Binaries, 'share' | 'libraries'>> {
  const { bin } = options;
  const told = await ask([join(bin, 'pg_config'), '--sharedir', '--pkglibdir'], options).catch(() => '');
  const [share, libraries] = told.split('\n').filter((line) => line.startsWith('/'));
  if (share !== undefined) return { share, libraries };
  const shown = await ask([join(bin, 'initdb'), '--show', '-D', '/'], options).catch(() => '');
  return { share: /^share_path=(\/.*)$/m.exec(shown)?.[1], libraries: undefined };
}

/** Changes when one is installed, updated or removed: a template that has it would no longer fit. */
async function extensionsIn(share: string | undefined): Promise<string> {
  const hash = createHash('sha256');
  const folder = join(share ?? '', 'extension');
  const names = share === undefined ? [] : await readdir(folder).catch(() => []);
  for (const name of names.filter((each) => each.endsWith('.control')).sort()) {
    hash.update(`${name}\n${await readFile(join(folder, name), 'utf8').catch(() => '')}\n`);
  }
  return hash.digest('hex').slice(0, 16);
}

function ask(command: readonly string[], { signal }: InstallationOptions): Promise<string> {
  return runTool(command, { signal, timeout: ANSWER_TIMEOUT_MS });
}

function reasonOf(error: unknown): string {
  const output = error instanceof StacksError ? (error.details.output ?? []).filter((line) => line !== '') : [];
  return output.at(-1) ?? messageOf(error);
}

function unfit(
  { bin, option }: InstallationOptions,
  what: string,
  facts: Readonly<Record<string, string>> = {},
): StacksError {
  const known = localInstallations().map((each) => each.bin);
  const below = join(bin, 'bin');
  const meant = existsSync(join(below, 'postgres')) ? [below] : known.filter((each) => each !== bin);
  return new StacksError('POSTGRES_MISSING', `\`${option}\`: ${bin} ${what}`, {
    facts,
    hint:
      meant.length > 0
        ? `it names the folder of \`postgres\` and \`initdb\`; here there is ${meant.map((each) => `'${each}'`).join(', ')}.`
        : 'it names the folder of `postgres` and `initdb` (Debian: /usr/lib/postgresql/17/bin, of the package postgresql-17; macOS: /opt/homebrew/opt/postgresql@17/bin, of `brew install postgresql@17`). Without it the embedded one is used.',
  });
}
