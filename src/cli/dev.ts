// `dev`: the application by hand, as a test would find it: Playwright itself loads the config and sets up the run, which
// stays after its set-up until Ctrl-C (src/playwright/hold.ts).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

/** Set for Playwright's runner: hold the stack, run no test. */
const HOLD_VARIABLE = 'STACKS_HOLD';
/** Matches no title: a config without `withStacks()` must not run its tests. */
const NO_TEST = '--grep=a^';

export async function dev(args: readonly string[]): Promise<number> {
  const options = ['--workers=1', '--global-timeout=0', '--reporter=line', '--pass-with-no-tests', NO_TEST];
  const child = spawn(process.execPath, [playwrightCli(process.cwd()), 'test', ...args, ...options], {
    stdio: 'inherit',
    env: { ...process.env, [HOLD_VARIABLE]: '1' },
  });
  // A terminal's Ctrl-C reaches Playwright as well, which ends the run; we wait for that.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => signal === 'SIGTERM' && child.kill('SIGINT'));
  }
  const [code] = await once(child, 'exit');
  return code === 130 ? 0 : (code ?? 1);
}

function playwrightCli(folder: string): string {
  try {
    return join(
      dirname(createRequire(join(folder, 'package.json')).resolve('@playwright/test/package.json')),
      'cli.js',
    );
  } catch (cause) {
    throw new Error(`@playwright/test is not installed for ${folder}: run this in your project's folder.`, { cause });
  }
}
