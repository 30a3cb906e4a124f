// A suite that knows nothing of us, without us: it needs one worker on its one database.
import path from 'node:path';
import { execa } from 'execa';
import { consumerEnv } from '../harness/env.ts';
import { type ExistingServer, expect, type Project, test } from '../harness/test.ts';

/** What a browser leaves in TMPDIR without us, too. */
const ofBrowsers = /playwright_chromiumdev_profile/;
const withoutUs = ['test'];

test('on one database it passes with one worker and fails with four', async ({
  project,
  run,
  existingServer,
  sandbox,
}) => {
  sandbox.expectLeak(ofBrowsers);
  const untouched = await project('untouched');
  const shared = await sharedDatabase(existingServer, untouched);
  try {
    const env = { DATABASE_URL: shared.url };
    const alone = await run(untouched, [], { command: withoutUs, env });
    expect(alone.output).toContain('19 passed');
    const together = await run(untouched, ['--workers=4', '-x'], { command: withoutUs, env });
    expect(together.exitCode).toBe(1);
    const unrepaired = await run(untouched, ['readers'], { command: withoutUs, env: { ...env, RESET: 'no' } });
    expect(unrepaired.exitCode).toBe(1);
  } finally {
    await shared.drop();
  }
});

/** Made as the suite's authors make theirs. */
async function sharedDatabase(
  server: ExistingServer,
  { folder }: Project,
): Promise<{ readonly url: string; readonly drop: () => Promise<unknown> }> {
  await server.adminQuery('CREATE DATABASE reading_room');
  const url = new URL(server.url);
  url.pathname = '/reading_room';
  const env = { ...consumerEnv(), DATABASE_URL: url.href };
  for (const step of ['schema', 'seed']) {
    await execa(process.execPath, [path.join(folder, 'db/apply.js'), step], { cwd: folder, env, extendEnv: false });
  }
  return { url: url.href, drop: () => server.adminQuery('DROP DATABASE reading_room WITH (FORCE)') };
}
