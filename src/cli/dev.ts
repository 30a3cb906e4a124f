// `dev`: the application by hand, as a test would find it: Playwright itself loads the config and sets up the run, which
// stays after its set-up until Ctrl-C (src/playwright/runner/hold.ts).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { HOLD_VARIABLE, KEPT_VARIABLE } from '../environment.ts';
import { writeOut } from '../text/terminal.ts';
import { NO_TEST, playwrightCli } from './playwright-cli.ts';

export async function dev(all: readonly string[]): Promise<number> {
  const { kept, args } = takeKept(all);
  const options = ['--workers=1', '--global-timeout=0', '--reporter=line', '--pass-with-no-tests', NO_TEST];
  const child = spawn(process.execPath, [playwrightCli(process.cwd()), 'test', ...args, ...options], {
    stdio: 'inherit',
    env: { ...process.env, [HOLD_VARIABLE]: '1', [KEPT_VARIABLE]: kept },
  });
  // A terminal's Ctrl-C reaches Playwright as well, which ends the run; we wait for that.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => signal === 'SIGTERM' && child.kill('SIGINT'));
  }
  const [code] = await once(child, 'exit');
  if (code !== 130) return code ?? 1;
  writeOut('Ended: the servers are stopped, and the database is gone.\n');
  return 0;
}

function takeKept(args: readonly string[]): { kept: string | undefined; args: readonly string[] } {
  const at = args.findIndex((arg) => arg === '--kept' || arg.startsWith('--kept='));
  if (at < 0) return { kept: undefined, args };
  const [, said] = (args[at] ?? '').split('=');
  const kept = said ?? args[at + 1];
  if (!kept) throw new Error('dev --kept needs the name of a kept database; `status` lists them.');
  return { kept, args: args.toSpliced(at, said === undefined ? 2 : 1) };
}
