// This folder's code as a child process can run it: compiled into a folder of its own, since Node 20 runs no TypeScript.
import { type ChildProcess, execFile, type StdioOptions, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Lifetime } from '../lifetime.ts';
import { madeOnce } from './made-once.ts';

const REPOSITORY = fileURLToPath(new URL('../../', import.meta.url));

interface Child {
  readonly process: ChildProcess;
  /** The next line that it prints; rejects with its stderr when it ends first. */
  line(): Promise<string>;
}

export interface Compiled {
  /** Laid out as src is. */
  readonly folder: string;
  /** Runs `program`, a module that may import what was compiled: `./postgres/…`. */
  run(
    program: string,
    options?: { env?: NodeJS.ProcessEnv; uid?: number; gid?: number; stdio?: StdioOptions },
  ): Promise<Child>;
}

export const POSTGRES: readonly string[] = [
  'embedded/start',
  'existing/existing',
  'databases/template',
  'databases/clone',
].map((name) => `postgres/${name}`);

/**
 * Compiles `entries` of src (`.ts`, or as they say) and what they import, once in a whole run of the tests; `lifetime` removes
 * this copy and ends what still runs.
 */
export async function compile(lifetime: Lifetime, entries: readonly string[] = POSTGRES): Promise<Compiled> {
  const folder = await mkdtemp(join(tmpdir(), 'stk-compiled-'));
  lifetime.defer(`remove ${folder}`, () => rm(folder, { recursive: true }));
  await chmod(folder, 0o755);
  const name = `compiled-${entries.join('+').replaceAll('/', '-')}`;
  await madeOnce(name, folder, 'links', () => compileInto(folder, entries));

  let count = 0;
  return {
    folder,
    run: async (program, options = {}) => {
      const file = join(folder, `program-${count++}.mjs`);
      await writeFile(file, program);
      const child = spawn(process.execPath, [file], { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], ...options });
      lifetime.defer('end child', () => child.kill('SIGKILL'));
      return { process: child, line: lines(child) };
    },
  };
}

async function compileInto(folder: string, entries: readonly string[]): Promise<void> {
  const modules = join(REPOSITORY, 'node_modules');
  await symlink(modules, join(folder, 'node_modules'));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const files = entries.map((name) => join(REPOSITORY, `src/${name}${name.endsWith('.cts') ? '' : '.ts'}`));
  const compilerOptions = {
    rootDir: join(REPOSITORY, 'src'),
    outDir: folder,
    noCheck: true,
    types: [],
  };
  const config = { extends: join(REPOSITORY, 'tsconfig.json'), compilerOptions, files, include: [], exclude: [] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(config));
  await promisify(execFile)(process.execPath, [join(modules, 'typescript/bin/tsc'), '-p', folder]).catch((error) => {
    throw new Error(`tsc: ${error.stdout}`);
  });
}

function lines(child: ChildProcess): () => Promise<string> {
  let output = '';
  let errors = '';
  child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
    output += chunk;
  });
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    errors += chunk;
  });
  const closed = once(child, 'close');
  return async () => {
    while (!output.includes('\n')) {
      const ended = await Promise.race([
        once(child.stdout ?? child, 'data').then(() => false),
        closed.then(() => true),
      ]);
      if (ended && !output.includes('\n')) throw new Error(`the child ended (${child.exitCode}): ${errors}`);
    }
    const at = output.indexOf('\n');
    const line = output.slice(0, at);
    output = output.slice(at + 1);
    return line;
  };
}
