// Vite's lock: a folder has one `vite` and one `vite preview` at a time, from the version on that knows --bypass-lock.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ResolvedServer } from './resolved.ts';
import { withScripts } from './source-files.ts';

/** `vite`, `vite dev`, `vite preview`; not `vite build`, nor a folder, service or package that is called so. */
const VITE =
  /(?:^|[\s;&|(]|\bbin\/)(?<!\b(?:cd|up|workspace)\s+|\s-{1,2}[A-Za-z-]+\s+)vite(?:\s+(?:dev|serve|preview)\b|\s*$|\s+-|\s*[;&|])/;

/** The server's command as it runs in several slots; undefined where it does so as it is. */
export function withoutLock({ command, cwd }: ResolvedServer): string | undefined {
  if (command === undefined || !hasLock(cwd)) return undefined;
  const texts = withScripts([{ text: command, cwd }]).map(({ text }) => text);
  if (!texts.some((text) => VITE.test(text)) || texts.some((text) => text.includes('--bypass-lock'))) return undefined;
  const isScript = !VITE.test(command) && /\bnpm\b/.test(command) && !/\s--\s/.test(command);
  return `${command}${isScript ? ' --' : ''} --bypass-lock`;
}

/** Of the Vite that `folder` finds. */
function hasLock(folder: string): boolean {
  const cli = join(folder, 'node_modules/vite/dist/node/cli.js');
  if (existsSync(cli)) return readFileSync(cli, 'utf8').includes('bypass-lock');
  return dirname(folder) !== folder && hasLock(dirname(folder));
}
