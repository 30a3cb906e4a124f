// When all is written: two slots are opened, if they may, and what to run next is said.
import { relative } from 'node:path';
import { usualConfig } from './find-config.ts';
import type { PackageManager } from './package-manager.ts';
import type { Talk } from './talk.ts';

export interface LookOptions {
  /** Absolute: where `init` was called. */
  readonly folder: string;
  readonly talk: Talk;
  /** Opens two slots, and says what of the application is not isolated. Resolves with the exit code. */
  readonly doctorApp: (args: readonly string[], folder: string) => Promise<number>;
}

/** `path`: of the config; `notOpened`: why no slot may be opened. Resolves with the exit code. */
export async function lookAtSlots(
  { folder, talk, doctorApp }: LookOptions,
  manager: PackageManager,
  path: string | undefined,
  notOpened: string | undefined,
): Promise<number> {
  // The very one that was edited, whichever Playwright would take here.
  const config = path === undefined ? [] : [`--config=${quoted(relative(folder, path))}`];
  const args = path === usualConfig(folder) ? [] : config;
  const run = manager.exec(['playwright test', ...args, '--workers=4'].join(' '));
  const look = manager.exec(['playwright-stacks doctor --app', ...args].join(' '));
  if (notOpened !== undefined) {
    talk.say(`Written. No slot is opened: ${notOpened} (see "To look at").`);
    return 0;
  }
  const asked = `Open two slots, to see whether the application is isolated? It runs the commands above (${look})`;
  if (talk.isAttended && !(await talk.confirm(asked))) {
    talk.say(`Written. Look at the application with \`${look}\`, then run \`${run}\`.`);
    return 0;
  }
  const named = path === undefined ? [] : [`--config=${relative(folder, path)}`];
  const code = await doctorApp(['--app', ...named], folder);
  talk.say(code === 0 ? `Isolated. Now run: ${run}` : `Written, but not isolated yet: see above. Then: ${look}`);
  return code;
}

/** As a shell takes it. */
export function quoted(word: string): string {
  return /^[\w./@-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
