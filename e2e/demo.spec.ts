// The demo: a real application's browser suite, which passes with stacks. That it fails in parallel on a shared database,
// and why, is in matrix/shared.matrix.ts.
import type { StacksEvent } from '../src/events.ts';
import { expect, test } from './harness/test.ts';

// What the migration tool's loader and Playwright's browsers leave in TMPDIR without us, too.
const ofOthers = /\/jiti|playwright_chromiumdev_profile/;

// Two of each of four files, of which the second would stumble over the first, and those of another file over both.
const SOME = [
  'the first new note is',
  'the next note has',
  'a newcomer signs up',
  'has one account',
  'finds titles before',
  'by another form',
  'that Ada starred',
  'the last star comes',
];

test('a browser suite on 4 workers: every test sees only its own data, four at once on four databases', async ({
  project,
  run,
  sandbox,
}) => {
  sandbox.expectLeak(ofOthers);
  const files = ['notes.spec', 'signup', 'search', 'starred'];
  const result = await run(await project('notes'), ['-g', SOME.join('|'), ...files], { timeout: 240_000 });
  expect(result.output).toContain('8 passed');
  expect(result.output).toContain('4 files: 4 passed, 0 failed, 0 cancelled');
  expect(result.exitCode).toBe(0);
  expect(mostDatabasesAtOnce(result.events)).toBe(4);
});

test('all 16 files of it on 4 workers', { tag: '@matrix' }, async ({ project, run, sandbox }) => {
  sandbox.expectLeak(ofOthers);
  const { output, exitCode } = await run(await project('notes'), [], { timeout: 240_000 });
  expect(output).toContain('16 files: 16 passed, 0 failed, 0 cancelled');
  expect(exitCode).toBe(0);
});

/** The most databases on which tests ran at one moment. */
function mostDatabasesAtOnce(events: readonly StacksEvent[]): number {
  const databases = new Map<number, string>();
  const running = new Map<number, string>();
  let most = 0;
  for (const event of events) {
    if (event.type === 'leased') databases.set(event.worker, event.database);
    if (event.type === 'test-began') running.set(event.worker, databases.get(event.worker) ?? 'none');
    if (event.type === 'test-ended') running.delete(event.worker);
    most = Math.max(most, new Set(running.values()).size);
  }
  return most;
}
