// The versions of Postgres that the tests of this folder run on.
import { existsSync } from 'node:fs';
import { test } from '@playwright/test';

const DEBIAN = '/usr/lib/postgresql/15';

/** Defines tests for each version: of the embedded one in the default run, of all others in the matrix. */
export function onEachMajor(define: (major: string) => void): void {
  for (const major of testedMajors()) {
    test.describe(`Postgres ${major}`, { tag: major === '18' ? [] : '@matrix' }, () => define(major));
  }
}

/** The embedded 18, Debian's 15 where it is installed, and those of `STACKS_TEST_POSTGRES=13:/folder,17:/folder`. */
export function testedMajors(): string[] {
  return [...homes().keys()].sort();
}

/** The folder that holds `bin/`, or `embedded`. */
export function homeOf(major: string): string {
  const home = homes().get(major);
  if (!home) throw new Error(`no Postgres ${major}: set STACKS_TEST_POSTGRES=${major}:/folder that holds bin/`);
  return home;
}

function homes(): Map<string, string> {
  const found = new Map([['18', 'embedded']]);
  if (existsSync(`${DEBIAN}/bin/postgres`)) found.set('15', DEBIAN);
  for (const entry of process.env.STACKS_TEST_POSTGRES?.split(',') ?? []) {
    const [major = '', folder = ''] = entry.split(':');
    found.set(major, folder);
  }
  return found;
}
