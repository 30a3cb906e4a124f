// Why a server did not become ready, as the user reads it.
import { relative } from 'node:path';
import { StacksError } from '../errors.ts';
import type { Origin, TestRef } from '../events.ts';
import { originTitle } from '../names.ts';
import { ended, shellHint } from '../process/exit.ts';
import type { Exit } from '../process/process-group.ts';
import { type AppServerSpec, serverTitle } from './app-server-spec.ts';
import { worktreeHint } from './not-in-worktree.ts';
import { holderHint, holderOf } from './port-taken.ts';
import type { Probe } from './probe.ts';
import type { Readiness } from './ready.ts';

/** What is known of a failed start. */
export interface FailedStart {
  readonly spec: AppServerSpec;
  readonly pid: number;
  /** The port that was to answer. */
  readonly watched: number;
  /** The ports that its processes listened on. */
  readonly ports: readonly number[];
  readonly output: readonly string[];
  /** Milliseconds since it was started. */
  readonly ms: number;
}

/** The error for a start that ended in anything but `ready`. */
export function startError(readiness: Exclude<Readiness, { kind: 'ready' }>, start: FailedStart): StacksError {
  const { spec, output, ms } = start;
  const server = serverTitle(spec);
  if (readiness.kind === 'exited') {
    return new StacksError('SERVER_EXITED', `${server} ${ended(readiness.exit)} after ${ms} ms, before it was ready.`, {
      facts: { command: commandFact(start, undefined) },
      output,
      hint:
        shellHint(readiness.exit, 'server.command') ?? worktreeHint(spec, output) ?? exitHint(readiness.exit, output),
    });
  }
  if (readiness.kind === 'stranger') {
    return new StacksError(
      'PORT_TAKEN',
      `a process that does not belong to ${server} is listening on ${target(spec)}.`,
      {
        facts: { command: commandFact(start, undefined), holder: holderOf(readiness.listener) },
        output,
        hint: `${holderHint(readiness.listener)} Where the command is not to listen itself (docker): \`server.wait\`, no \`server.url\`.`,
      },
    );
  }
  const late = `within ${spec.timeout} ms`;
  return new StacksError(
    'SERVER_NOT_READY',
    `${server} did not ${expectation(start, readiness.lastProbe)} ${readiness.kind === 'timedOut' ? late : `in ${ms} ms, and serves on another port`}.`,
    {
      facts: { command: commandFact(start, 'still running'), 'last probe': readiness.lastProbe?.seen },
      output,
      hint: notReadyHint(start, readiness.lastProbe),
    },
  );
}

/** For the run, whose server ends by itself again and again. `message` is that of the last time. */
export function crashesError(of: {
  readonly title: string;
  readonly times: number;
  readonly first: TestRef | undefined;
  readonly message: string;
}): StacksError {
  const { title, times, first, message } = of;
  const test = first && [first.file, ...first.titlePath].join(' › ');
  return new StacksError(
    'SERVER_EXITED',
    `${title} ended by itself ${times} times in a row; no test passed in between.`,
    {
      items: message.split('\n'),
      facts: { 'first during, or after': test ?? 'no test' },
      hint: `run that test alone; \`server.restarts\` (now ${times - 1}) says how often a server is started again.`,
    },
  );
}

/** For the test during which it ended by itself, or after which. */
export async function crashError(
  { exited, logFile, tail }: { exited: Promise<Exit>; logFile: string; tail: () => readonly string[] },
  title: string,
): Promise<StacksError> {
  return new StacksError('SERVER_EXITED', `${title} ${ended(await exited)} while a test used it.`, {
    facts: { log: relative(process.cwd(), logFile) },
    output: tail(),
    hint: 'it is restarted for the next test.',
  });
}

/** What it ended of: a statement for an earlier test, on what was rewound when that ended. */
export interface LateStatement {
  /** The last one first: the statement may be of any of them. */
  readonly origins: readonly Origin[];
  /** Milliseconds after the last of those rewinds. */
  readonly ms: number;
  readonly error: string;
  readonly statement: string | undefined;
}

/** For a server that ended of what a test before had left under way. `when`: whether another test ran meanwhile. */
export async function lateCrashError(
  { exited, logFile, tail }: { exited: Promise<Exit>; logFile: string; tail: () => readonly string[] },
  title: string,
  when: 'during' | 'after',
  { origins, ms, error, statement }: LateStatement,
): Promise<StacksError> {
  const who = origins.map(originTitle).join(' or ');
  const blamed = origins.map(({ test }) => (test ? [test.file, ...test.titlePath].join(' › ') : 'an earlier worker'));
  const wait = Math.ceil(1.5 * ms + 10);
  const waits = wait <= 250 ? `\`server.idle: { quiet: ${wait} }\` has rewinds wait for it; ` : '';
  return new StacksError(
    'SERVER_EXITED',
    `${title} ${ended(await exited)} ${Math.round(ms)} ms after what ${who} had done was rewound${when === 'during' ? ': the test that ran then is innocent' : ''}.`,
    {
      facts: {
        'to blame': blamed.join(' or '),
        error,
        statement,
        log: relative(process.cwd(), logFile),
      },
      output: tail(),
      hint: `it wrote after it had answered, about rows that were gone with their test, and does not survive that. ${waits}\`server.restart: 'test'\` ends it with its test. It is restarted for the next test.`,
    },
  );
}

/** "npm start  (cwd fixtures/notes, pid 8123, still running)" */
function commandFact({ spec, pid }: FailedStart, state: 'still running' | undefined): string {
  const cwd = relative(process.cwd(), spec.cwd) || '.';
  return `${spec.command}  (cwd ${cwd}, pid ${pid}${state ? `, ${state}` : ''})`;
}

function target({ url, port }: AppServerSpec): string {
  return url ?? `port ${port}`;
}

/** Where it answers, or nothing is probed, what is missing is the output. */
function lacksOutput({ spec }: FailedStart, probe: Probe | undefined): boolean {
  return probe ? probe.available : spec.wait !== undefined && spec.url === undefined;
}

function expectation(start: FailedStart, probe: Probe | undefined): string {
  const { spec } = start;
  if (lacksOutput(start, probe)) return 'print what `server.wait` looks for';
  return spec.url ? `answer ${spec.url}` : `listen on port ${spec.port}`;
}

/** Next.js' own, of a server of which one folder has only one. */
const NEXT_LOCK = /Unable to acquire lock at|Another next dev server is already running/;

/** Vite's, of the same kind. */
const VITE_LOCK = /Found another Vite \w+ process for this project/;

/** Astro's, which is to be left alone: its own way out ends the other server. */
const ASTRO_LOCK = /Another astro (?:dev|preview) server is already running/;

function exitHint({ code }: Exit, output: readonly string[]): string {
  if (output.some((line) => NEXT_LOCK.test(line))) {
    return "one folder has one `next dev` at a time, and another runs there: end it, or give each slot its own: copy: ['.next'], env: { NEXT_DIST_DIR: '{copy:.next}' }, with `distDir: process.env.NEXT_DIST_DIR` in next.config.";
  }
  if (output.some((line) => VITE_LOCK.test(line))) {
    return 'one folder has one `vite` and one `vite preview` at a time, and another runs there: write --bypass-lock at the end of the command (`npm run dev -- --bypass-lock`).';
  }
  if (output.some((line) => ASTRO_LOCK.test(line))) {
    return 'one folder has one `astro dev` and one `astro preview` at a time, and another runs there: write --ignore-lock at the end of the command (`npm run dev -- --ignore-lock`); --force would end the other.';
  }
  if (code === 0) return '`server.command` must stay in the foreground for as long as it serves.';
  return 'run `server.command` by hand in that folder, with PORT and DATABASE_URL set.';
}

function notReadyHint(start: FailedStart, probe: Probe | undefined): string {
  const { watched, ports } = start;
  if (lacksOutput(start, probe)) return 'raise `server.timeout`, or check the patterns of `server.wait`.';
  if (ports.length > 0 && !ports.includes(watched)) {
    return `it listens on ${ports.join(', ')} instead: let the command read PORT, or write {port} in it.`;
  }
  if (probe?.code && SELF_SIGNED.has(probe.code))
    return 'set `server.ignoreHTTPSErrors: true` for a certificate of your own.';
  if (probe?.seen === 'HTTP 404')
    return 'point `server.url` to a page that exists: the server is ready when it answers with a status from 200 to 403.';
  return 'raise `server.timeout`, or check that the app reads DATABASE_URL.';
}

const SELF_SIGNED = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
]);
