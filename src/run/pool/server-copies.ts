// What the servers of one stack write in the checkout, as copies of their own: made when the stack opens, put back between
// tests where that is asked for, removed with the stack. Blocks are shared where the file system can (reflink); a hard link
// never is one, as a write in place would change the checkout.
import { execFile } from 'node:child_process';
import {
  accessSync,
  constants,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  realpathSync,
  rmSync,
  statSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { promisify } from 'node:util';
import type { Gone } from '../../cleanup/journal.ts';
import type { ResolvedCopy, ResolvedServer } from '../../config/resolved.ts';
import { CP_ENVIRONMENT } from '../../files/cp.ts';
import { nearestModules } from '../../files/nearest-modules.ts';
import { makePrivateFolder, type PrivateFolder } from '../../files/private-folder.ts';
import { removeFolder } from '../../files/remove-folder.ts';
import type { Lifetime } from '../../lifetime.ts';
import { copiesFolderPrefix } from '../../names.ts';
import { leadLinks } from './copied-links.ts';

export interface CopiesContext {
  readonly run: string;
  readonly signal: AbortSignal;
  /** Notes a folder before anything is in it. */
  readonly note: (made: PrivateFolder) => Gone;
}

interface Copy extends ResolvedCopy {
  readonly server: string;
  /** Relative to the server's `cwd`. */
  readonly shown: string;
  readonly to: string;
  /** As it was when the stack was opened; undefined: it is never put back. */
  readonly original: string | undefined;
}

export class ServerCopies {
  readonly #context: CopiesContext;
  readonly #all: Copy[] = [];

  constructor(context: CopiesContext) {
    this.#context = context;
  }

  /** Copies what the servers' `copy` names. What was made goes with `lifetime`. */
  async make(servers: readonly ResolvedServer[], lifetime: Lifetime): Promise<void> {
    for (const { name, cwd, copy } of servers) {
      if (copy.length === 0) continue;
      const folder = this.#newFolder(cwd, lifetime);
      for (const each of copy) {
        const to = join(folder, 'copies', each.path);
        const original = each.reset === 'never' ? undefined : join(folder, 'originals', each.path);
        const from = join(cwd, each.path);
        await this.#copy(from, original ?? to);
        const copied = copy.map(({ path }) => real(join(cwd, path)));
        if (lstatSync(original ?? to).isDirectory()) leadLinks(real(from), original ?? to, copied);
        if (original) await this.#copy(original, to);
        this.#all.push({ ...each, server: name, shown: relative(cwd, to), to, original });
      }
    }
  }

  /** Puts those back that are to be as they were. */
  async reset(after: 'test' | 'group'): Promise<void> {
    for (const { reset, original, to } of this.#all) {
      if (original === undefined || (after === 'test' && reset !== 'test')) continue;
      const [now, then] = [to, original].map((path) => lstatSync(path, { throwIfNoEntry: false }));
      // The folder or file itself stays: a server may have it open.
      if (now?.isDirectory() && then?.isDirectory()) {
        for (const name of readdirSync(to)) rmSync(join(to, name), { recursive: true, force: true });
      } else if (!(now?.isFile() && then?.isFile())) {
        // A link that a server has put there must not be written through.
        rmSync(to, { recursive: true, force: true });
      }
      await this.#copy(original, to);
    }
  }

  /** By path, where a server finds its copies. */
  of(server: string): Readonly<Record<string, string>> {
    return Object.fromEntries(
      this.#all.filter((each) => each.server === server).map(({ path, shown }) => [path, shown]),
    );
  }

  /** Within the project or its workspace, so that what is in it finds its modules; elsewhere where there is no place for it. */
  #newFolder(cwd: string, lifetime: Lifetime): string {
    const made = makePrivateFolder(baseFor(cwd), copiesFolderPrefix(this.#context.run));
    let gone: Gone = () => {};
    lifetime.defer(`remove ${made.path}`, async () => {
      await removeFolder(made.path, made.identity);
      gone();
    });
    gone = this.#context.note(made);
    return made.path;
  }

  async #copy(from: string, to: string): Promise<void> {
    // What a link leads to is copied: to write through a copy of it would change the checkout.
    const isFile = statSync(from, { throwIfNoEntry: false })?.isFile() ?? false;
    mkdirSync(isFile ? dirname(to) : to, { recursive: true });
    if (!existsSync(from)) return; // A server that finds nothing to begin with makes it.
    const { signal } = this.#context;
    const [source, target] = isFile ? [from, to] : [`${from}/.`, `${to}/`];
    if (process.platform === 'linux') {
      await promisify(execFile)('cp', ['-aH', '--reflink=auto', '--', source, target], {
        env: { ...process.env, ...CP_ENVIRONMENT },
        signal,
      });
    } else cpSync(realpathSync(from), to, { recursive: true, mode: COPY_ON_WRITE, verbatimSymlinks: true });
  }
}

function real(path: string): string {
  return existsSync(path) ? realpathSync(path) : path;
}

function baseFor(cwd: string): string {
  const modules = nearestModules(cwd);
  if (modules === undefined) return tmpdir();
  const base = join(modules, '.cache', 'playwright-stacks');
  try {
    mkdirSync(base, { recursive: true });
    accessSync(base, constants.W_OK | constants.X_OK);
    return base;
  } catch {
    return tmpdir(); // Not ours to write.
  }
}

/** Of node:fs: a clone where the file system can, else a copy. */
const COPY_ON_WRITE = 2;
