// `npx playwright-stacks …`, as it is installed.
import path from 'node:path';
import { startChild } from './child.ts';
import { consumerEnv } from './env.ts';
import { test as base } from './test.ts';

export type Cli = (
  args: readonly string[],
  options: { cwd: string; env?: Record<string, string> },
) => ReturnType<typeof startChild>;

export const test = base.extend<{ cli: Cli }>({
  cli: async ({ home, sandbox }, use) => {
    const program = path.join(home, 'node_modules/.bin/playwright-stacks');
    await use((args, { cwd, env }) => {
      const { tmp, tag, cache } = sandbox.scope;
      const ours = {
        TMPDIR: tmp,
        E2E_TAG: tag,
        STACKS_CACHE: cache,
        PWTEST_CACHE_DIR: path.join(home, 'transform-cache'),
      };
      return startChild([program, ...args], { cwd, env: { ...consumerEnv(), ...ours, ...env } });
    });
  },
});
