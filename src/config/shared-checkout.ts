// Servers of which one folder has only one, or that write into it what the others read: found before anything is made.
import { type Locked, lockOf } from './folder-locks.ts';
import { reachedBy } from './front-end-configs.ts';
import type { Mistake } from './mistake.ts';
import { invalidOptions } from './mistake.ts';
import type { ResolvedServer, ResolvedStacks } from './resolved.ts';
import { withScripts } from './source-files.ts';

/** `next dev`, and `next` alone or with a folder, which is the same; not a folder, service or package that is called so. */
const NEXT_DEV = /(?:^|[\s;&|(/])next\s+dev\b/;
const NEXT =
  /(?:^|[\s;&|(]|\bbin\/)(?<!\b(?:cd|up|workspace)\s+|\s-{1,2}[A-Za-z-]+\s+)next(?:\s*$|\s+-|\s*[;&|]|\s+(?!\b(?:build|start|lint|info|telemetry|typegen|upgrade|analyze|export|experimental-\w+)\b)[\w./])/;

/** @throws OPTIONS_INVALID where several workers would start `next dev`, or a tool that locks its folder, in one */
export function refuseSharedCheckout({ variants }: ResolvedStacks, workers: number): void {
  if (workers < 2) return;
  // In worktrees of its own each slot has a folder.
  const shared = [...variants.values()].filter(({ workspace }) => workspace === undefined);
  const servers = shared.flatMap((variant) => variant.servers);
  const mistakes = servers.flatMap((server) => {
    const locked = lockOf(server);
    if (locked) return [lockMistake(server.option, workers, locked)];
    return isNextDev(server) ? [mistakeOf(server.option, workers)] : [];
  });
  if (mistakes.length > 0) throw invalidOptions(mistakes);
}

const NEXT_START = /(?:^|[\s;&|(/])next\s+start\b/;

/** A server that runs `next start`. */
export interface SharedBuild {
  readonly server: string;
  /** Several write into one `.next`. */
  readonly isShared: boolean;
  /** Nothing says that it is built for the run: its static pages have the rows of whatever database it was built with. */
  readonly isUnbuilt: boolean;
}

/** Those of which something is to be said. */
export function sharedBuilds({ variants, build }: ResolvedStacks, workers: number): SharedBuild[] {
  const found = [...variants.values()].flatMap(({ servers, workspace }) =>
    servers.filter(isNextStart).map(({ name, command = '', cwd, copy }): SharedBuild => {
      const builds = withScripts([{ text: command, cwd }]).some(({ text }) => /\bnext\s+build\b/.test(text));
      const isShared = workers > 1 && workspace === undefined && copy.length === 0;
      return { server: name, isShared, isUnbuilt: build === undefined && workspace === undefined && !builds };
    }),
  );
  return found.filter(({ isShared, isUnbuilt }) => isShared || isUnbuilt);
}

function isNextStart({ command, cwd }: ResolvedServer): boolean {
  return command !== undefined && withScripts([{ text: command, cwd }]).some(({ text }) => NEXT_START.test(text));
}

function isNextDev({ command, cwd, env, copy }: ResolvedServer): boolean {
  if (command === undefined || copy.length > 0 || typeof env === 'function') return false;
  return reachedBy({ text: command, cwd }).texts.some(({ text }) => NEXT_DEV.test(text) || NEXT.test(text));
}

function lockMistake(option: string, workers: number, { tool, unlocked }: Locked): Mistake {
  return {
    path: `${option}.command`,
    text: `runs ${tool}, which locks its folder, and ${workers} workers need ${workers}. Use: command: '${unlocked}'`,
  };
}

function mistakeOf(option: string, workers: number): Mistake {
  return {
    path: `${option}.command`,
    text: `runs \`next dev\`, of which one folder has only one at a time, and ${workers} workers need ${workers}. Build once: build: 'next build', server: { command: 'next start -p {port}' }. Or give each its own folder: copy: ['.next'], env: { NEXT_DIST_DIR: '{copy:.next}' }, with \`distDir: process.env.NEXT_DIST_DIR\` in next.config. Or run one worker`,
  };
}
