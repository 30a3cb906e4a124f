// Adds packages by the project's own package manager; when it fails, its files are as they were.
import { join } from 'node:path';
import { execa } from 'execa';
import { redact } from '../text/redact.ts';
import type { PackageManager } from './package-manager.ts';
import type { Project } from './project.ts';
import { readIfThere, writePlanned } from './write.ts';

const TIMEOUT_MS = 10 * 60_000;
const LAST_LINES = 8;
/** What package managers say when no registry answers. */
const NO_NETWORK = /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|network|offline/i;
const WRITTEN = ['package.json', 'package-lock.json', 'pnpm-lock.yaml', 'yarn.lock', 'bun.lock'];

/** @throws with what it said, and the line to run by hand */
export async function addPackages(
  project: Project,
  manager: PackageManager,
  packages: readonly string[],
): Promise<void> {
  const [program = '', ...args] = manager.add(packages);
  const before = WRITTEN.map((name) => [join(project.folder, name), readIfThere(join(project.folder, name))] as const);
  const result = await execa(program, args, {
    ...{ cwd: project.folder, all: true, reject: false, stdin: 'ignore', timeout: TIMEOUT_MS },
  });
  if (!result.failed) return;
  for (const [path, content] of before) {
    const now = readIfThere(path);
    if (content !== undefined && now !== content) writePlanned({ path, content, before: now });
  }
  const call = [program, ...args].join(' ');
  const output = redact(result.all ?? result.shortMessage ?? '');
  const lines = output.trimEnd().split('\n').slice(-LAST_LINES);
  const why =
    result.code === 'ENOENT'
      ? `there is no ${program}`
      : NO_NETWORK.test(output)
        ? 'the registry did not answer'
        : `it ended with ${result.exitCode ?? result.signal}`;
  const said = lines.map((line) => `  | ${line}`).join('\n');
  throw new Error(`\`${call}\` failed: ${why}. Nothing was changed; run it, and then init again.\n${said}`);
}
