// `playwright test` in a project, as a child process that is watched, bounded and always ended.
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { JSONReport } from '@playwright/test/reporter';
import { type Child, startChild } from './child.ts';
import { consumerEnv } from './env.ts';
import { readEvents, type StampedEvent } from './events-file.ts';
import { describeProcess, killMarked, processesMarked } from './processes.ts';
import type { Project } from './project.ts';
import { until } from './until.ts';

/** Many times what a run takes: beside others it may take long. */
export const RUN_TIMEOUT = 120_000;

export interface RunOptions {
  /** Over the cleaned environment; undefined removes a variable. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Milliseconds until the run is ended by force and rejected; default RUN_TIMEOUT. */
  readonly timeout?: number;
  /** Written to its standard input, which is then closed; absent: it has none. */
  readonly input?: string;
  /** `'json'`: Playwright's JSON report, beside the reporters of the config. */
  readonly report?: 'json';
  /** Sends a signal once the output matches, or an event does. */
  readonly signalAt?: {
    readonly signal: NodeJS.Signals;
    readonly when: RegExp | EventTest;
    readonly to?: SignalTarget;
  };
  /** What stands before `args`; default `['test', '-c', '.']`. */
  readonly command?: readonly string[];
  /** A program that executes its arguments, and its own: what starts Node. */
  readonly through?: readonly string[];
  /** Another Node than ours. */
  readonly node?: string;
}

export type EventTest = (event: StampedEvent) => boolean;

/** `'runner'` (default): the process alone. `'group'`: all that a terminal's Ctrl-C reaches. */
export type SignalTarget = 'runner' | 'group';

export interface RunResult {
  readonly exitCode: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Both streams as they came, without colours. */
  readonly output: string;
  readonly stdout: string;
  readonly stderr: string;
  readonly events: readonly StampedEvent[];
  /** With `report: 'json'`, when the run came so far as to write it. */
  readonly report: JSONReport | undefined;
  /** Milliseconds from spawn to exit. */
  readonly ms: number;
}

export interface Running {
  readonly pid: number;
  readonly output: () => string;
  readonly events: () => readonly StampedEvent[];
  /** Rejects when the run ends, or `timeout` (default 30,000 ms) passes, without such an event. */
  readonly waitForEvent: (test: EventTest, timeout?: number) => Promise<StampedEvent>;
  readonly waitForOutput: (pattern: RegExp, timeout?: number) => Promise<RegExpExecArray>;
  readonly kill: (signal: NodeJS.Signals, to?: SignalTarget) => void;
  readonly done: Promise<RunResult>;
  readonly ended: () => boolean;
}

/** What a run is given by its test. */
export interface RunSurroundings {
  readonly home: string;
  /** Unique for the run; in its environment as E2E_TAG. */
  readonly tag: string;
  readonly env: Readonly<Record<string, string>>;
}

export async function startRun(
  surroundings: RunSurroundings,
  project: Project,
  args: readonly string[],
  options: RunOptions,
): Promise<Running> {
  const { command = ['test', '-c', '.'], timeout = RUN_TIMEOUT, through = [] } = options;
  const folder = path.join(surroundings.home, 'runs', surroundings.tag);
  await mkdir(folder);
  const files = { events: path.join(folder, 'events.ndjson'), report: path.join(folder, 'report.json') };
  const cli = path.join(surroundings.home, 'node_modules/@playwright/test/cli.js');
  const began = performance.now();
  const child = await startChild(
    [...through, options.node ?? process.execPath, cli, ...command, ...args],
    { cwd: project.folder, env: environment(surroundings, files, options) },
    options.input,
  );
  const title = `playwright ${[...command, ...args].join(' ')} (${path.basename(project.folder)})`;
  const withOutput = (message: string) => `${title}: ${message}. Its output:\n${tail(child.output())}`;
  const look = <T>(what: string, find: () => T | undefined, patience = 30_000) => {
    return until(find, { timeout: patience, gaveUp: child.ended, message: (why) => withOutput(`no ${what} ${why}`) });
  };
  const running: Running = {
    pid: child.pid,
    output: child.output,
    events: () => readEvents(files.events),
    waitForEvent: (test, patience) => look(`event ${test}`, () => readEvents(files.events).find(test), patience),
    waitForOutput: (pattern, patience) => {
      return look(`output like ${pattern}`, () => pattern.exec(child.output()) ?? undefined, patience);
    },
    kill: (signal, to = 'runner') => {
      if (!child.ended()) process.kill(to === 'group' ? -child.pid : child.pid, signal);
    },
    done: resultOf(child, files, began, killAfter(timeout, child, surroundings.tag, files, withOutput)),
    ended: child.ended,
  };
  running.done.catch(() => undefined); // A test that ends before its run has failed for a better reason.
  if (options.signalAt) sendAt(running, options.signalAt, timeout);
  return running;
}

interface Files {
  readonly events: string;
  readonly report: string;
}

function environment(surroundings: RunSurroundings, files: Files, { report, env }: RunOptions): NodeJS.ProcessEnv {
  return {
    ...consumerEnv(),
    FORCE_COLOR: '0',
    PLAYWRIGHT_HTML_OPEN: 'never',
    // Playwright keeps compiled test files in TMPDIR, where they would look like a leak of ours.
    PWTEST_CACHE_DIR: path.join(surroundings.home, 'transform-cache'),
    STACKS_CACHE: path.join(surroundings.home, 'cache'),
    STACKS_EVENTS: files.events,
    E2E_TAG: surroundings.tag,
    ...(report === 'json' ? { PW_TEST_REPORTER: 'json', PLAYWRIGHT_JSON_OUTPUT_NAME: files.report } : {}),
    ...surroundings.env,
    ...env,
  };
}

/** Rejects, after killing what carries the run's tag, when it is not over in time. */
async function killAfter(
  timeout: number,
  child: Child,
  tag: string,
  files: Files,
  withOutput: (message: string) => string,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<'late'>((resolve) => {
    timer = setTimeout(resolve, timeout, 'late');
  });
  const first = await Promise.race([child.exit, late]);
  clearTimeout(timer);
  if (first !== 'late') return;
  const marks = [`E2E_TAG=${tag}\0`];
  const left = processesMarked(marks).map(describeProcess);
  const last = readEvents(files.events).slice(-10);
  await killMarked(marks);
  await child.exit;
  const hung = [...left, 'Its last events:', ...last.map((event) => JSON.stringify(event))].join('\n');
  throw new Error(withOutput(`not over within ${timeout} ms, so it was killed, with\n${tail(hung)}\n`));
}

async function resultOf(child: Child, files: Files, began: number, inTime: Promise<void>): Promise<RunResult> {
  await inTime;
  const { exitCode, signal, at } = await child.exit;
  const report = await readFile(files.report, 'utf8').then(
    (json): JSONReport => JSON.parse(json),
    () => undefined, // Not asked for, or the run ended before it was written.
  );
  return {
    exitCode,
    signal,
    output: child.output(),
    stdout: child.stdout(),
    stderr: child.stderr(),
    events: readEvents(files.events),
    report,
    ms: Math.round(at - began),
  };
}

// A signal that never became due leaves the run as it is: the test sees it by the exit code.
function sendAt(running: Running, signalAt: NonNullable<RunOptions['signalAt']>, patience: number): void {
  const { signal, when, to } = signalAt;
  const due = when instanceof RegExp ? running.waitForOutput(when, patience) : running.waitForEvent(when, patience);
  due.then(
    () => running.kill(signal, to),
    () => undefined,
  );
}

function tail(output: string): string {
  const lines = output.trimEnd().split('\n').slice(-40);
  return lines.map((line) => `  | ${line}`).join('\n');
}
