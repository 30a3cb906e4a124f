// Servers of which one folder has only one: found before anything is made.
import type { Mistake } from './mistake.ts';
import { invalidOptions } from './mistake.ts';
import type { ResolvedServer, ResolvedStacks } from './resolved.ts';
import { withScripts } from './source-files.ts';

/** `next dev`, and `next` alone, which is the same; not a folder, service or package that is called so. */
const NEXT_DEV = /(?:^|[\s;&|(/])next\s+dev\b/;
const NEXT = /(?:^|[\s;&|(]|\bbin\/)(?<!\b(?:cd|up|workspace)\s+|\s-{1,2}[A-Za-z-]+\s+)next(?:\s*$|\s+-|\s*[;&|])/;

/** @throws OPTIONS_INVALID where several workers would start `next dev` in one folder */
export function refuseSharedCheckout({ variants }: ResolvedStacks, workers: number): void {
  if (workers < 2) return;
  // In worktrees of its own each slot has a folder.
  const shared = [...variants.values()].filter(({ workspace }) => workspace === undefined);
  const servers = shared.flatMap((variant) => variant.servers);
  const mistakes = servers.filter(isNextDev).map(({ option }) => mistakeOf(option, workers));
  if (mistakes.length > 0) throw invalidOptions(mistakes);
}

function isNextDev({ command, cwd, env, copy }: ResolvedServer): boolean {
  if (command === undefined || copy.length > 0 || typeof env === 'function') return false;
  return withScripts([{ text: command, cwd }]).some(({ text }) => NEXT_DEV.test(text) || NEXT.test(text));
}

function mistakeOf(option: string, workers: number): Mistake {
  return {
    path: `${option}.command`,
    text: `runs \`next dev\`, of which one folder has only one at a time, and ${workers} workers need ${workers}. Build once: build: 'next build', server: { command: 'next start -p {port}' }. Or give each its own folder: copy: ['.next'], env: { NEXT_DIST_DIR: '{copy:.next}' }, with \`distDir: process.env.NEXT_DIST_DIR\` in next.config. Or run one worker`,
  };
}
