// `extensionPath`: extensions of Postgres that are unpacked in folders of their own (a package of Debian's by
// `dpkg-deb -x`, `make install DESTDIR=…`), wherever their parts are in there.
import { createHash } from 'node:crypto';
import { type Dirent, readFileSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { StacksError } from '../../errors.ts';
import { allows, closedFolder, postgresUser } from './postgres-user.ts';

/** The first major that looks for extensions anywhere else than in its own folder. */
const OLDEST_WITH_PATH = 18;
const MOST_FOLDERS = 2_000;
const MOST_DEPTH = 10;

export interface ExtensionFolders {
  /** Each has a folder `extension` with control files. */
  readonly shares: readonly string[];
  /** Each has shared libraries. */
  readonly libraries: readonly string[];
  /** Changes with the files. */
  readonly identity: string;
}

interface Folder {
  readonly path: string;
  readonly files: readonly string[];
}

/**
 * @param paths absolute
 * @param option as the user wrote it: `database.extensionPath`
 * @throws POSTGRES_MISSING where one has no extension, or Postgres's user may not read it
 */
export async function findExtensions(
  paths: readonly string[],
  major: number,
  option: string,
): Promise<ExtensionFolders> {
  const found: Folder[] = [];
  for (const path of paths) {
    const folders = (await foldersIn(path, option)).filter((each) => isOf(each.path.slice(path.length), major));
    if (!folders.some(hasControl)) throw noExtension(path, major, option);
    found.push(...folders.filter((each) => hasControl(each) || hasLibrary(each)));
  }
  await mustBeReadable(found, option);
  const shares = found.filter(hasControl).map(({ path }) => path.slice(0, -'/extension'.length));
  const libraries = found.filter(hasLibrary).map(({ path }) => path);
  const unfit = [...shares, ...libraries].find((path) => path.includes(':'));
  if (unfit !== undefined) throw fault(option, `${unfit} has a colon in its name, which separates paths.`, 'move it.');
  return { shares, libraries, identity: digestOf(found) };
}

function hasControl({ path, files }: Folder): boolean {
  return path.endsWith('/extension') && files.some((name) => name.endsWith('.control'));
}

function hasLibrary({ files }: Folder): boolean {
  return files.some((name) => /\.(?:so(?:\.\d+)*|dylib)$/.test(name));
}

/** Packages for several majors may lie beside each other. */
function isOf(path: string, major: number): boolean {
  const said = /\/(?:postgresql|pgsql)[/@-]?(\d\d)(?=\/|$)/.exec(path)?.[1];
  return said === undefined || Number(said) === major;
}

/** `top` and all below it, not through links. */
async function foldersIn(top: string, option: string): Promise<Folder[]> {
  const found: Folder[] = [];
  let open = [top];
  for (let depth = 0; open.length > 0 && depth < MOST_DEPTH && found.length < MOST_FOLDERS; depth += 1) {
    const entries = await Promise.all(open.map(async (path) => ({ path, entries: await entriesIn(path, option) })));
    found.push(
      ...entries.map(({ path, entries }) => ({
        path,
        files: entries.filter((entry) => isFile(path, entry)).map(({ name }) => name),
      })),
    );
    open = entries.flatMap(({ path, entries }) =>
      entries.filter((entry) => entry.isDirectory()).map(({ name }) => join(path, name)),
    );
  }
  return found;
}

/** A link may lead to what another package has, which is not here: then it is none. */
function isFile(path: string, entry: Dirent): boolean {
  if (!entry.isSymbolicLink()) return entry.isFile();
  try {
    return statSync(join(path, entry.name)).isFile();
  } catch {
    return false;
  }
}

async function entriesIn(path: string, option: string): Promise<Dirent[]> {
  return readdir(path, { withFileTypes: true }).catch(({ code }) => {
    if (code !== 'EACCES') return []; // there is none
    throw fault(option, `${path} cannot be read by you.`, 'let it be read, or leave it out.');
  });
}

/** As whom Postgres runs, which may be another than we are. */
async function mustBeReadable(folders: readonly Folder[], option: string): Promise<void> {
  const user = postgresUser();
  for (const { path, files } of folders) {
    const closed = await closedFolder(path, user);
    const paths = [path, ...files.map((name) => join(path, name))];
    const readable = closed === undefined && (await Promise.all(paths.map((each) => allows(each, user, 0o4))));
    const first = closed ?? (readable && paths[readable.indexOf(false)]);
    if (!first) continue;
    const who = user ? `uid ${user.uid}, as whom Postgres has to run: it refuses to be root.` : 'you.';
    throw fault(option, `${first} cannot be read by ${who}`, `let others read it: \`chmod -R o+rX ${first}\`.`);
  }
}

/** Names and sizes of all, and what control files say. */
function digestOf(folders: readonly Folder[]): string {
  const hash = createHash('sha256');
  for (const { path, files } of folders) {
    for (const name of [...files].sort()) {
      const file = join(path, name);
      hash.update(`${name} ${statSync(file).size}\n`);
      if (name.endsWith('.control')) hash.update(readFileSync(file));
    }
  }
  return hash.digest('hex').slice(0, 16);
}

function noExtension(path: string, major: number, option: string): StacksError {
  return fault(
    option,
    `${path} has no extension for Postgres ${major}: no folder \`extension\` with a \`.control\` file.`,
    `unpack one there: \`dpkg-deb -x postgresql-${major}-pgvector_*.deb ${path}\`.`,
  );
}

function fault(option: string, what: string, hint: string): StacksError {
  return new StacksError('POSTGRES_MISSING', `\`${option}\`: ${what}`, { hint });
}

/** @throws OPTIONS_INVALID */
export function refuseOlder(major: number, version: string, option: string): void {
  if (major >= OLDEST_WITH_PATH) return;
  throw new StacksError(
    'OPTIONS_INVALID',
    `\`${option}\` needs Postgres ${OLDEST_WITH_PATH} or newer, and this is ${version}.`,
    { hint: 'install the extension for that Postgres instead, in its own folders; or use another Postgres.' },
  );
}
