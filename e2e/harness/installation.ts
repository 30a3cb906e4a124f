// An installation of the package of its own, with other versions or in another way than for the other tests.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { execa } from 'execa';
import { npmEnv } from './env.ts';
import { openSandbox, type Sandbox } from './sandbox.ts';

export interface Installation {
  /** Holds `node_modules`, and `projects` whose projects find it. */
  readonly folder: string;
  readonly sandbox: Sandbox;
}

/** Runs `command` in a folder of the installation, as a user would. */
async function npm(folder: string, ...args: readonly string[]): Promise<void> {
  await execa('npm', [...args], { cwd: folder, env: npmEnv(), extendEnv: false, timeout: 240_000 });
}

/**
 * @param name what the folder's name ends in
 * @param install fills `folder/node_modules`
 * @param use what is looked at there; nothing may be left of it
 */
export async function withInstallation(
  name: string,
  install: (folder: string) => Promise<void>,
  use: (installation: Installation) => Promise<void>,
): Promise<void> {
  const folder = await mkdtemp(`/tmp/e2e-${process.env.E2E_RUN ?? ''}-${name}-`);
  try {
    for (const each of ['', 'projects', 'cache', 'runs']) {
      await mkdir(path.join(folder, each), { recursive: true });
      await chmod(path.join(folder, each), 0o755); // Whatever the umask: Postgres runs as another user when we are root.
    }
    await writeFile(path.join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    await install(folder);
    const sandbox = await openSandbox(folder, []);
    try {
      await use({ folder, sandbox });
    } finally {
      await sandbox.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Installs `packages` and takes everything else as it is installed at `home`. */
export function beside(home: string, ...packages: readonly string[]): (folder: string) => Promise<void> {
  return async (folder) => {
    if (packages.length > 0)
      await npm(folder, 'install', '--no-save', '--no-audit', '--no-fund', '--prefer-offline', ...packages);
    await execa('cp', ['-a', '-n', path.join(home, 'node_modules'), folder]);
  };
}
