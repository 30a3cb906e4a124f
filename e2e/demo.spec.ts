// The demo: a real application's browser suite, which fails in parallel on a shared database and passes with stacks.
import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { execa } from 'execa';
import type { StacksEvent } from '../src/events.ts';
import { consumerEnv } from './harness/env.ts';
import { expect, type RunResult, test } from './harness/test.ts';

// Side by side these two would only wait for each other's browsers.
test.describe.configure({ mode: 'default' });

// What the migration tool's loader and Playwright's browsers leave in TMPDIR without us, too.
const ofOthers = /\/jiti|playwright_chromiumdev_profile/;

test('16 files on 4 workers: every test sees only its own data, four at once on four databases', async ({
  project,
  run,
  sandbox,
}) => {
  sandbox.expectLeak(ofOthers);
  const result = await run(await project('notes'), [], { timeout: 240_000 });
  expect(result.output).toContain('16 files: 16 passed, 0 failed, 0 cancelled');
  expect(result.exitCode).toBe(0);
  expect(mostDatabasesAtOnce(result.events)).toBe(4);
});

test('with STACKS=off, on one shared database, it fails for several different reasons', async ({
  project,
  run,
  existingServer,
  sandbox,
}) => {
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

/** Why tests are in each other's way, with some that this makes fail. */
const reasons: Readonly<Record<string, readonly string[]>> = {
  'the same sign-up': ['a newcomer signs up and finds an empty house', 'after a change only the new password is good'],
  'a unique name': ['an editor writes notes', 'tells what was done, newest first'],
  'a sequence': ['the first new note is N-1001', 'the next note has the next number'],
  'an order': ['all notes are listed, most recent first', 'stand on the shelf newest first, then the shared ones'],
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
