// The Playwright that the project in a folder has.
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Its program. */
export function playwrightCli(folder: string): string {
  try {
    return join(
      dirname(createRequire(join(folder, 'package.json')).resolve('@playwright/test/package.json')),
      'cli.js',
    );
  } catch (cause) {
    throw new Error(`@playwright/test is not installed for ${folder}: run this in your project's folder.`, { cause });
  }
}

/** Matches no title: a config without `withStacks()` must not run its tests. */
export const NO_TEST = '--grep=a^';
