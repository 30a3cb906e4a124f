// Objects of one repository, written into another, which computes their names anew: what is damaged is not taken.
import { GIT_TIMEOUT_MS, gitEnvironment } from './git.ts';

interface Objects {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** `revisions`: with all that is reachable from them, and not from those with a `^`. */
  readonly of: 'names' | 'revisions';
  readonly list: readonly string[];
}

/** @param to a bare repository */
export async function copyObjects({ cwd, env, of, list }: Objects, to: string): Promise<void> {
  const { execa } = await import('execa'); // Every worker loads this file, few copy objects.
  const options = { extendEnv: false, timeout: GIT_TIMEOUT_MS };
  const own = { ...gitEnvironment(), LC_ALL: 'C' };
  const revisions = of === 'revisions' ? ['--revs'] : [];
  await execa('git', ['pack-objects', ...revisions, '--stdout', '--quiet', '--delta-base-offset'], {
    ...options,
    cwd,
    env: { ...own, ...env },
    input: list.map((each) => `${each}\n`).join(''),
    encoding: 'buffer',
  }).pipe('git', ['--git-dir', to, 'unpack-objects', '-q'], { ...options, cwd: to, env: own });
}
