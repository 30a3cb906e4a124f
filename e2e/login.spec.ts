// Data that outlives a test: the examples of Playwright's authentication guide as they are written there, with sessions in
// the database and a token in localStorage.
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('a setup project signs in for every stack; one account per worker outlives a replaced worker', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const login = await project('login', { mayWrite: ['playwright/.auth/'] });
  const { output, exitCode, events } = await run(login, ['--workers=2', '--retries=1'], { timeout: 120_000 });
  expect(output).toContain('12 passed');
  expect(output).toContain('1 flaky');
  expect(exitCode).toBe(0);
  expect(new Set(events.flatMap((event) => (event.type === 'leased' ? [event.slot] : []))).size).toBeGreaterThan(1);

  // A login that outlives its run: another run's databases know nothing of it.
  const again = await run(login, ['--project=chromium', '--no-deps', '--workers=1', '--max-failures=1']);
  expect(again.exitCode).toBe(1);
  expect(again.output).toMatch(
    /hint for '.*': its storageState, playwright\/\.auth\/user\.json, was saved before this run \(/,
  );
  expect(again.output).toContain('Let the project that signs in run first (as a dependency, without --no-deps)');
});
