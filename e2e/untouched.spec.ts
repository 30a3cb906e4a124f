// A suite that knows nothing of us, byte for byte, takes four workers with stacks. Without: `npm run test:matrix`.
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

/** What a browser leaves in TMPDIR without us, too. */
const ofBrowsers = /playwright_chromiumdev_profile/;
const withUs = ['test', '-c', 'playwright.stacks.config.ts'];

test('with stacks it passes with four workers, and no test needs to put the tables back', async ({
  project,
  run,
  sandbox,
}) => {
  test.slow(); // nineteen tests in four browsers
  sandbox.expectLeak(ofBrowsers);
  const untouched = await project('untouched');
  const all = await run(untouched, ['--workers=4'], { command: withUs, env: { RESET: 'no' }, timeout: 120_000 });
  expect(all.output).toContain('19 passed');
  expect(all.exitCode).toBe(0);
  const resetting = await run(untouched, ['--workers=4', '--project=api'], { command: withUs });
  expect(resetting.output).toContain('10 passed');
  expect(resetting.events.filter(({ type }) => type === 'rewind-impossible')).toEqual([]);
});
