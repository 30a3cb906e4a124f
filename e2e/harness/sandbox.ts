// What one test may make: projects, runs, a private TMPDIR; and its end, at which nothing of it may be left.
import { randomUUID } from 'node:crypto';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { within } from '../../src/wait.ts';
import { describeLeaks, type Leak, type LeakScope, lastingLeaks, marksOf, type Watched } from './leaks.ts';
import { killMarked } from './processes.ts';
import { makeProject, type Project, type ProjectOptions } from './project.ts';
import { type Running, type RunOptions, startRun } from './run.ts';

export interface Sandbox {
  readonly scope: LeakScope;
  readonly project: (name: string, options?: ProjectOptions) => Promise<Project>;
  readonly start: (project: Project, args: readonly string[], options?: RunOptions) => Promise<Running>;
  /** A leak whose text matches is meant. */
  readonly expectLeak: (pattern: RegExp) => void;
  /** Ends what still runs, looks for leaks, removes everything; then throws the list of what was wrong. */
  readonly close: () => Promise<void>;
}

interface Run {
  readonly tag: string;
  readonly running: Running;
}

const RUN_ENDS_TIMEOUT_MS = 5_000;
const REAPER_ENDS_TIMEOUT_MS = 20_000;

export async function openSandbox(home: string, watched: readonly Watched[]): Promise<Sandbox> {
  const tag = randomUUID();
  const tmp = await privateFolder();
  const projects: Project[] = [];
  const runs: Run[] = [];
  let started = 0;
  const meant: RegExp[] = [];
  const scope: LeakScope = {
    tag,
    tmp,
    cache: path.join(home, 'cache'),
    runs: () => runs.flatMap(({ running }) => running.events().filter((event) => event.type === 'run-started')),
    projects,
    watched,
  };
  return {
    scope,
    project: async (name, options = {}) => {
      const project = await makeProject(home, name, options);
      projects.push(project);
      return project;
    },
    start: async (project, args, options = {}) => {
      started += 1;
      const surroundings = { home, tag: `${tag}.${started}`, env: environment(tmp) };
      const running = await startRun(surroundings, project, args, options);
      runs.push({ tag: surroundings.tag, running });
      return running;
    },
    expectLeak: (pattern) => meant.push(pattern),
    close: async () => {
      const unfinished = await endRuns(runs);
      // Whoever kills a reaper at its work leaves what it would have removed.
      const leaks = await lastingLeaks(scope, {
        meant,
        ...(unfinished.length > 0 && { timeout: REAPER_ENDS_TIMEOUT_MS }),
      });
      await removeAll(scope, leaks);
      await Promise.all(runs.map((run) => rm(path.join(home, 'runs', run.tag), { recursive: true, force: true })));
      await Promise.all(watched.map((server) => server.accept()));
      if (unfinished.length > 0) throw new Error(`Still running at the end of the test:\n${unfinished.join('\n')}`);
      if (leaks.length > 0) throw new Error(`Left behind by the test:\n${describeLeaks(leaks)}`);
    },
  };
}

/** In /tmp itself, since sockets are made in it and their paths are short. */
async function privateFolder(): Promise<string> {
  const folder = await mkdtemp(`/tmp/e2e-${process.env.E2E_RUN ?? ''}`);
  // As root, what is in it belongs to another user, who must be able to pass.
  await chmod(folder, process.getuid?.() === 0 ? 0o711 : 0o700);
  return folder;
}

function environment(tmp: string): Record<string, string> {
  const { E2E_RUN, CHROMIUM_PATH } = process.env;
  return { TMPDIR: tmp, ...(E2E_RUN ? { E2E_RUN } : {}), ...(CHROMIUM_PATH ? { CHROMIUM_PATH } : {}) };
}

async function endRuns(runs: readonly Run[]): Promise<string[]> {
  const unfinished = runs.filter(({ running }) => !running.ended());
  for (const { running, tag } of unfinished) {
    running.kill('SIGINT');
    await within(RUN_ENDS_TIMEOUT_MS, 'end of the run', () => running.done).catch(() => undefined);
    await killMarked([`E2E_TAG=${tag}\0`]);
  }
  return unfinished.map(({ running }) => `  pid ${running.pid}`);
}

async function removeAll(scope: LeakScope, leaks: readonly Leak[]): Promise<void> {
  await killMarked(marksOf(scope));
  const keys = scope.runs().map(({ run }) => run);
  const strays = leaks.filter(
    ({ text }) => text.startsWith('/') && keys.some((key) => path.basename(text).includes(key)),
  );
  const folders = [scope.tmp, ...scope.projects.map(({ folder }) => folder), ...strays.map(({ text }) => text)];
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
}
