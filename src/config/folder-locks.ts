// Tools that lock the folder they run in, so that it has one of them at a time, and what of their commands goes without.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { reachedBy } from './front-end-configs.ts';
import type { ResolvedServer } from './resolved.ts';

interface Lock {
  readonly tool: string;
  /** A command that takes it; not a folder, service or package that is called so. */
  readonly command: RegExp;
  /** Below `node_modules`: where a version that knows the lock names `flag`. */
  readonly file: string;
  readonly flag: string;
  /** What cannot be beside `flag`: it ends the server that has the lock. */
  readonly replaces?: RegExp;
}

const BEGIN = String.raw`(?:^|[\s;&|(]|\bbin\/)(?<!\b(?:cd|up|workspace)\s+|\s-{1,2}[A-Za-z-]+\s+)`;

const LOCKS: readonly Lock[] = [
  {
    tool: 'Vite',
    // `vite`, `vite web`, `vite dev`, `vite preview`; not `vite build`.
    command: new RegExp(String.raw`${BEGIN}vite(?=[\s;&|)]|$)(?!\s+(?:build|optimize)\b)`),
    file: 'vite/dist/node/cli.js',
    flag: '--bypass-lock',
  },
  {
    tool: 'Astro',
    command: new RegExp(
      String.raw`${BEGIN}astro(?:\s+-\S+)*(?:\s+\S+)?\s+(?:dev|preview)\b(?!\s+(?:stop|status|logs)\b)`,
    ),
    file: 'astro/dist/cli/dev/index.js',
    flag: '--ignore-lock',
    replaces: /\s--force\b/,
  },
];

export interface Locked {
  readonly tool: string;
  /** The server's command as it runs in several slots. */
  readonly unlocked: string;
}

/** Undefined: the server runs in several slots as it is. */
export function lockOf({ command, cwd }: Pick<ResolvedServer, 'command' | 'cwd'>): Locked | undefined {
  if (command === undefined) return undefined;
  const reached = reachedBy({ text: command, cwd });
  const texts = reached.texts.map(({ text }) => text);
  const lock = LOCKS.find(
    (each) => texts.some((text) => each.command.test(text)) && reached.folders.some((folder) => hasLock(folder, each)),
  );
  if (!lock || texts.some((text) => text.includes(lock.flag))) return undefined;
  return { tool: lock.tool, unlocked: unlocked(command, texts, lock) };
}

function unlocked(command: string, texts: readonly string[], { command: ofTool, flag, replaces }: Lock): string {
  const replacing = replaces && texts.find((text) => ofTool.test(text) && replaces.test(text));
  if (replaces && replacing !== undefined) {
    const without = `${replacing.replace(replaces, '')} ${flag}`;
    return replacing === command ? without : `npx ${without}`;
  }
  const isScript = !ofTool.test(command) && /\bnpm\b/.test(command) && !/\s--\s/.test(command);
  return `${command}${isScript ? ' --' : ''} ${flag}`;
}

/** Of the tool's version that `folder` finds. */
function hasLock(folder: string, { file, flag }: Lock): boolean {
  const path = join(folder, 'node_modules', file);
  if (existsSync(path)) return readFileSync(path, 'utf8').includes(flag.slice(2));
  return dirname(folder) !== folder && hasLock(dirname(folder), { file, flag } as Lock);
}
