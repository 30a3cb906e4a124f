// A suite that knows nothing of us, byte for byte, takes several workers with stacks. Without: matrix/untouched.matrix.ts. In the
// default run the demo's suite (demo.spec.ts) is one that knows nothing of us.
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

/** What a browser leaves in TMPDIR without us, too. */
const ofBrowsers = /playwright_chromiumdev_profile/;
const withUs = ['test', '-c', 'playwright.stacks.config.ts'];

for (const workers of [2, 4]) {
  test(`with stacks it passes with ${workers} workers, and no test needs to put the tables back`, {
    tag: '@matrix',
  }, async ({ project, run, sandbox }) => {
    sandbox.expectLeak(ofBrowsers);
    const args = [`--workers=${workers}`];
    const { output, exitCode } = await run(await project('untouched'), args, {
      command: withUs,
      env: { RESET: 'no' },
    });
    expect(output).toContain('19 passed');
    expect(exitCode).toBe(0);
  });
}

test('where its tests put the tables back by themselves, that is rewound like all else', { tag: '@matrix' }, async ({
  project,
  run,
  sandbox,
}) => {
  sandbox.expectLeak(ofBrowsers);
  const { output, events } = await run(await project('untouched'), ['--project=api'], { command: withUs });
  expect(output).toContain('10 passed');
  expect(events.filter(({ type }) => type === 'rewind-impossible')).toEqual([]);
});
