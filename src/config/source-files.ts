// The files of the application that the commands of the options begin with, and what those import, as text: read for what
// would win over the variables that we set.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { basename, dirname, extname, join, resolve } from 'node:path';

export interface SourceFile {
  /** Absolute. */
  readonly path: string;
  /** Without comments; lines are where they were. */
  readonly text: string;
}

/** A shell command and the folder that it starts in. */
export interface Command {
  readonly text: string;
  readonly cwd: string;
}

const MOST_FILES = 200;
const MOST_BYTES = 256 * 1024;
const MOST_SCRIPTS = 20;
const ENDINGS = ['', '.ts', '.tsx', '.mts', '.cts', '.js', '.mjs', '.cjs', '.jsx', '/index.ts', '/index.js'];

/** A script of the folder's own package, and not `npm run dev -w api`. */
const SCRIPT =
  /\b(?:npm|pnpm|yarn|bun)\s+(?:run\s+|run-script\s+)?([\w:.-]+)(?!(?:(?!\s--\s)[^&|;])*\s(?:-w|--workspaces?|--prefix)\b)/g;

/** `commands`, and the npm scripts that they run. */
export function withScripts(commands: readonly Command[]): Command[] {
  const all = [...commands];
  for (let n = 0; n < all.length && n < MOST_SCRIPTS; n += 1) {
    const { text, cwd } = all[n] ?? { text: '', cwd: '' };
    const scripts = scriptsOf(cwd);
    const names = [...text.matchAll(SCRIPT)];
    for (const [, name = ''] of names) {
      for (const each of [`pre${name}`, name]) {
        const script = Object.hasOwn(scripts, each) ? scripts[each] : undefined;
        if (typeof script === 'string' && !all.some(({ text: known }) => known === script)) {
          all.push({ text: script, cwd });
        }
      }
    }
  }
  return all;
}

/** The files that `commands` name, and what they import by relative paths. */
export function sourceFiles(commands: readonly Command[], others: readonly string[] = []): SourceFile[] {
  const named = commands.flatMap(({ text, cwd }) =>
    [...text.matchAll(/[\w./@-]+\.(?:[cm]?[jt]sx?|py)\b/g)].map(([path]) => resolve(cwd, path)),
  );
  const found = new Map<string, SourceFile>();
  const open = [...others, ...named];
  for (let path = open.shift(); path !== undefined && found.size < MOST_FILES; path = open.shift()) {
    if (found.has(path) || path.includes('/node_modules/')) continue;
    const text = readSource(path);
    if (text === undefined) continue;
    found.set(path, { path, text });
    open.push(...importsOf(path, text));
  }
  return [...found.values()];
}

/** Undefined: there is no such file, or it is too large to have been written by hand. */
export function readSource(path: string): string | undefined {
  try {
    const found = statSync(path);
    // To read a pipe would wait for whoever writes.
    if (!found.isFile() || found.size > MOST_BYTES) return undefined;
    return withoutComments(readFileSync(path, 'utf8'), path);
  } catch {
    return undefined;
  }
}

/** The line, from 1, in which the character at `index` is. */
export function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}

function importsOf(path: string, text: string): string[] {
  if (path.endsWith('.py')) return [];
  const found = text.matchAll(/\b(?:from|import|require)\s*\(?\s*['"](\.{1,2}\/[^'"\n]+)['"]/g);
  return [...found].flatMap(([, name = '']) => {
    const base = join(dirname(path), name);
    // `./env.js` of TypeScript's is env.ts.
    const bases = [base, base.slice(0, base.length - extname(base).length)];
    const file = bases.flatMap((each) => ENDINGS.map((ending) => each + ending)).find(isFile);
    return file === undefined ? [] : [file];
  });
}

function isFile(path: string): boolean {
  return existsSync(path) && statSync(path).isFile();
}

function scriptsOf(folder: string): Readonly<Record<string, unknown>> {
  try {
    return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).scripts ?? {};
  } catch {
    return {};
  }
}

/** A `//` after a colon is part of a URL. */
function withoutComments(text: string, path: string): string {
  if (/\.(py|ya?ml|ini)$/.test(path)) return text.replace(/(^|\s)#.*$/gm, '$1');
  if (basename(path).endsWith('.json')) return text;
  const blank = (comment: string) => comment.replace(/[^\n]/g, ' ');
  // A `/**` within a string is a glob's.
  return text.replace(/(?<=^|[\s;,({])\/\*.*?\*\//gs, blank).replace(/(^|[^:'"`\w])\/\/.*$/gm, '$1');
}
