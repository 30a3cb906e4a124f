// A suite that knows nothing of us, byte for byte, takes several workers with stacks: two here, four with `npm run test:matrix`. Without: `npm run test:matrix`.
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

/** What a browser leaves in TMPDIR without us, too. */
const ofBrowsers = /playwright_chromiumdev_profile/;
const withUs = ['test', '-c', 'playwright.stacks.config.ts'];

for (const [workers, details] of [
  [2, {}],
  [4, { tag: '@matrix' }],
] as const) {
  test(
    `with stacks it passes with ${workers} workers, and no test needs to put the tables back`,
    details,
    async ({ project, run, sandbox }) => {
      sandbox.expectLeak(ofBrowsers);
      const untouched = await project('untouched');
      const args = [`--workers=${workers}`];
      const all = await run(untouched, args, { command: withUs, env: { RESET: 'no' } });
      expect(all.output).toContain('19 passed');
      expect(all.exitCode).toBe(0);
      const resetting = await run(untouched, [...args, '--project=api'], { command: withUs });
      expect(resetting.output).toContain('10 passed');
      expect(resetting.events.filter(({ type }) => type === 'rewind-impossible')).toEqual([]);
    },
  );
}
