// What a server misses in its worktree: files that the checkout has, and git has not.
import { existsSync } from 'node:fs';
import { isAbsolute, join, relative } from 'node:path';
import type { AppServerSpec } from './app-server-spec.ts';

/** What builds and developers put there; what is ignored beside them is seldom needed to start. */
const USUAL = [
  'dist',
  'build',
  'out',
  '.next',
  '.output',
  '.svelte-kit',
  '.env',
  '.env.local',
  '.env.test',
  'node_modules',
];
/** Node's, with and without modules; Next.js'; of a file that is opened. */
const MISSING =
  /Cannot find (?:module|package) '([^']+)'|Could not find a production build in the '([^']+)'|ENOENT[^']*'([^']+)'/;

/** The hint, where anything is missing; `output` is what it has printed. */
export function worktreeHint({ cwd, checkout }: AppServerSpec, output: readonly string[]): string | undefined {
  if (checkout === undefined) return undefined;
  const named = output.flatMap((line) => {
    const [, ...paths] = MISSING.exec(line) ?? [];
    const path = paths.find((each) => each !== undefined);
    if (path === undefined) return [];
    const inside = isAbsolute(path) ? relative(cwd, path) : path;
    return inside.startsWith('..') ? [] : [inside.replace(/^\.\//, '').split('/')[0] ?? ''];
  });
  const isMissing = (name: string) => name !== '' && existsSync(join(checkout, name)) && !existsSync(join(cwd, name));
  const missing = [...new Set([...named, ...USUAL])].filter(isMissing);
  if (missing.length === 0) return undefined;
  const verb = missing.length === 1 ? 'is' : 'are';
  const list = ['node_modules', ...missing.filter((name) => name !== 'node_modules')].map((name) => `'${name}'`);
  return `${missing.join(', ')} ${verb} in your checkout, and not in the worktree, as git does not have it: workspace: { link: [${list.join(', ')}] }, or let \`workspace.setup\` make it (\`npm run build\`).`;
}
