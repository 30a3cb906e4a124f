// A copy of a consumer project from fixtures/, in a folder from which Node finds the installed package.
import { randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { chmod, cp, mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { root } from './home.ts';

export interface ProjectOptions {
  /** Written over the fixture's files; by path. */
  readonly files?: Readonly<Record<string, string>>;
  /** What `{{nonce}}` becomes in every file; default: random, so that no template of another test fits. */
  readonly seedNonce?: string;
  /** Paths, or folders ending in `/`, that the project's own commands write: no leak. */
  readonly mayWrite?: readonly string[];
}

export interface Project {
  readonly folder: string;
  readonly nonce: string;
  readonly write: (file: string, content: string) => Promise<void>;
  readonly read: (file: string) => Promise<string>;
  /** The files that the fixture and the test put there. */
  readonly known: () => ReadonlySet<string>;
  readonly mayWrite: (file: string) => boolean;
}

const OF_PLAYWRIGHT = ['test-results/', 'playwright-report/', 'blob-report/', 'node_modules/.cache/'];
const NOT_COPIED = /^(node_modules|test-results|playwright-report|blob-report)$/;
const TEXT = /\.(sql|[cm]?[jt]sx?|json|html|css|txt|env|sh|md)$/;

/** @param name a folder of fixtures/ */
export async function makeProject(home: string, name: string, options: ProjectOptions): Promise<Project> {
  const nonce = options.seedNonce ?? randomBytes(6).toString('hex');
  const folder = await mkdtemp(path.join(home, 'projects', `${name}-`));
  await chmod(folder, 0o755); // Of mkdtemp it is 0700, and Postgres may run as another user.
  const source = path.join(root, 'fixtures', name);
  await cp(source, folder, { recursive: true, filter: (file) => !NOT_COPIED.test(path.basename(file)) });
  const files = new Set(listFiles(folder));
  await Promise.all([...files].filter((file) => TEXT.test(file)).map((file) => fillIn(path.join(folder, file), nonce)));
  const write = async (file: string, content: string) => {
    const target = path.join(folder, file);
    await mkdir(path.dirname(target), { recursive: true });
    await writeFile(target, content.replaceAll('{{nonce}}', nonce));
    files.add(file);
  };
  for (const [file, content] of Object.entries(options.files ?? {})) await write(file, content);
  const allowed = [...OF_PLAYWRIGHT, ...(options.mayWrite ?? [])];
  return {
    folder,
    nonce,
    write,
    read: (file) => readFile(path.join(folder, file), 'utf8'),
    known: () => files,
    mayWrite: (file) => allowed.some((entry) => (entry.endsWith('/') ? file.startsWith(entry) : file === entry)),
  };
}

/** Paths relative to `folder` of all files below it, without those of git. */
export function listFiles(folder: string, below = ''): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === '.git') return [];
    const file = path.join(below, entry.name);
    return entry.isDirectory() ? listFiles(folder, file) : [file];
  });
}

async function fillIn(file: string, nonce: string): Promise<void> {
  const text = await readFile(file, 'utf8');
  if (text.includes('{{nonce}}')) await writeFile(file, text.replaceAll('{{nonce}}', nonce));
}
