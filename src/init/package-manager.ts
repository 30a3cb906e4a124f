// The project's own package manager, and how its commands are written.
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { openProject, type Project } from './project.ts';

export type PackageManagerName = 'npm' | 'pnpm' | 'yarn' | 'bun';

export interface PackageManager {
  readonly name: PackageManagerName;
  /** The file that says so; undefined: nothing does. */
  readonly from: string | undefined;
  /** Runs a script, with arguments for what it runs. */
  readonly run: (script: string, args?: string) => string;
  /** Runs a program of the project's packages. */
  readonly exec: (command: string) => string;
  /** Adds packages for development. */
  readonly add: (packages: readonly string[]) => readonly string[];
}

const LOCKS: readonly (readonly [file: string, name: PackageManagerName])[] = [
  ['pnpm-lock.yaml', 'pnpm'],
  ['yarn.lock', 'yarn'],
  ['bun.lock', 'bun'],
  ['bun.lockb', 'bun'],
  ['package-lock.json', 'npm'],
  ['npm-shrinkwrap.json', 'npm'],
];
/** Where a workspace's root may be. */
const MOST_PARENTS = 5;

/** By `packageManager`, else by the lock file, of the project or of the workspace that it is in. */
export function packageManagerOf(project: Project): PackageManager {
  for (let folder = project.folder, n = 0; n < MOST_PARENTS; folder = dirname(folder), n += 1) {
    const named = n === 0 ? project.manifest.packageManager : packageManagerField(folder);
    const name = /^(npm|pnpm|yarn|bun)@/.exec(String(named ?? ''))?.[1];
    const isRoot = existsSync(join(folder, 'pnpm-workspace.yaml')) || hasWorkspaces(folder);
    if (name) return commandsOf(name as PackageManagerName, 'package.json', n === 0 && isRoot);
    const lock = LOCKS.find(([file]) => existsSync(join(folder, file)));
    if (lock) return commandsOf(lock[1], lock[0], n === 0 && isRoot);
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) break;
  }
  return commandsOf('npm', undefined, false);
}

function commandsOf(name: PackageManagerName, from: string | undefined, isWorkspaceRoot: boolean): PackageManager {
  const exec = { npm: 'npx', pnpm: 'pnpm exec', yarn: 'yarn', bun: 'bunx' }[name];
  const add = {
    npm: ['npm', 'install', '--save-dev'],
    pnpm: ['pnpm', 'add', '--save-dev', ...(isWorkspaceRoot ? ['--workspace-root'] : [])],
    yarn: ['yarn', 'add', '--dev'],
    bun: ['bun', 'add', '--dev'],
  }[name];
  return {
    name,
    from,
    run: (script, args) => {
      const call =
        name === 'npm' && (script === 'start' || script === 'test') ? `npm ${script}` : `${name} run ${script}`;
      // Only npm takes arguments of its own after the script's name.
      return args === undefined ? call : `${call}${name === 'npm' ? ' --' : ''} ${args}`;
    },
    exec: (command) => `${exec} ${command}`,
    add: (packages) => [...add, ...packages],
  };
}

function packageManagerField(folder: string): unknown {
  return existsSync(join(folder, 'package.json')) ? openProject(folder).manifest.packageManager : undefined;
}

function hasWorkspaces(folder: string): boolean {
  return existsSync(join(folder, 'package.json')) && openProject(folder).manifest.workspaces !== undefined;
}
