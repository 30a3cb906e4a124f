// Files as Linux shows them, in a folder instead of the root.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from '@playwright/test';

export interface LinuxFiles {
  /** Of the test that runs. */
  readonly root: string;
  write(files: Readonly<Record<string, string | number>>): void;
}

/** A folder for each test of a file. */
export function linuxFiles(): LinuxFiles {
  let root = '';
  test.beforeEach(() => {
    root = mkdtempSync('/tmp/stk-test-');
  });
  test.afterEach(() => rmSync(root, { recursive: true }));
  return {
    get root() {
      return root;
    },
    write(files) {
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(root, path)), { recursive: true });
        writeFileSync(join(root, path), `${text}\n`);
      }
    },
  };
}
