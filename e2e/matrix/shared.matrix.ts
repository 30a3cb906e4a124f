// The demo suite without stacks, on 4 workers and one database.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { execa } from 'execa';
import { consumerEnv } from '../harness/env.ts';
import { expect, type RunResult, test } from '../harness/test.ts';

// What the migration tool's loader and Playwright's browsers leave in TMPDIR without us, too.
const ofOthers = /\/jiti|playwright_chromiumdev_profile/;

test.describe('STACKS=off, one shared database', () => {
  test('the demo suite fails for several different reasons', async ({ project, run, existingServer, sandbox }) => {
    sandbox.expectLeak(ofOthers);
    const notes = await project('notes');
    const url = new URL(existingServer.url);
    url.pathname = '/notes_shared';
    await existingServer.adminQuery('CREATE DATABASE notes_shared');
    const env = { ...consumerEnv(), E2E_TAG: sandbox.scope.tag, DATABASE_URL: url.href, PORT: '39818' };
    for (const step of ['db:migrate', 'db:seed']) {
      const bin = path.join(path.dirname(path.dirname(notes.folder)), 'node_modules/.bin');
      await execa('npm', ['run', step], {
        cwd: notes.folder,
        env: { ...env, PATH: `${bin}:${process.env.PATH}` },
        extendEnv: false,
      });
    }
    const app = spawn('node', ['src/server.js'], { cwd: notes.folder, env, stdio: 'ignore' });
    try {
      await expect.poll(() => answers('http://localhost:39818/healthz'), { timeout: 15_000 }).toBe(true);
      const result = await run(notes, ['--reporter=dot'], {
        env: { STACKS: 'off', BASE_URL: 'http://localhost:39818', DATABASE_URL: url.href },
        report: 'json',
        timeout: 240_000,
      });
      expect(result.exitCode).toBe(1);
      expect(result.events).toEqual([]);
      const failed = failedTitles(result);
      const seen = Object.entries(reasons).filter(([, titles]) => titles.some((title) => failed.includes(title)));
      expect(seen.length, `failed: ${failed.join(', ')}`).toBeGreaterThanOrEqual(4);
    } finally {
      await ended(app);
      await existingServer.adminQuery('DROP DATABASE notes_shared WITH (FORCE)');
    }
  });
});

/** Why tests are in each other's way, with some that this makes fail. */
const reasons: Readonly<Record<string, readonly string[]>> = {
  'the same sign-up': ['a newcomer signs up and finds an empty house', 'after a change only the new password is good'],
  'a unique name': ['an editor writes notes', 'tells what was done, newest first'],
  'a sequence': ['the first new note is N-1001', 'the next note has the next number'],
  'an order': ['all notes are listed, most recent first', 'stand on the section newest first, then the shared ones'],
  'a count': ['counts all events and pages through them', 'finds titles before texts'],
  'a deletion': ['a notebook can be put in another order', 'a notebook is deleted with all its notes'],
};

function failedTitles({ report }: RunResult): string[] {
  const specs = (report?.suites ?? []).flatMap((suite) => suite.specs);
  return specs.filter(({ ok }) => !ok).map(({ title }) => title);
}

async function answers(url: string): Promise<boolean> {
  return fetch(url).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await exit;
}
