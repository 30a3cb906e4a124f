// 8 to 64 stacks at once, from 1 to 8 runs in processes of their own, on one existing server: how long until all are
// ready, how many connections that takes, what is left.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type pg from 'pg';
import type { Cluster } from '../src/rewind/testing/cluster.ts';
import { type Answer, answer } from './answer.ts';

const SLOTS = 8;
const RUN = fileURLToPath(new URL('slots-run.js', import.meta.url));

interface Round {
  /** Milliseconds from the first run's start to the last stack's being ready. */
  readonly ready: number;
  readonly closed: number;
  /** The most connections at once while they opened, and those that stay. */
  readonly peak: number;
  readonly held: number;
  /** Databases that are left, the template not counted. */
  readonly left: number;
}

export async function askAboutSlots(cluster: Cluster, tell: (answer: Answer) => void): Promise<void> {
  const admin = await cluster.connect('postgres');
  await round(cluster, admin, 1); // builds the template
  const one = await round(cluster, admin, 1);
  for (const runs of [2, 4, 8]) {
    const { ready, closed, peak, held, left } = await round(cluster, admin, runs);
    const slots = `${runs * SLOTS} slots of ${count(runs, 'run')}`;
    const peer = `${SLOTS} slots of 1 run`;
    // Work grows with the slots, and so may its time; a queue somewhere would make it grow faster.
    tell(answer(`${slots}, all ready`, ready, peer, one.ready, { ratio: runs * 1.5 }));
    tell(answer(`${slots}, all closed`, closed, peer, one.closed, { ratio: runs * 1.5 }));
    tell(answer(`${slots}, connections at most`, peak, peer, one.peak, undefined, 'connections'));
    tell(answer(`${slots}, connections held`, held, 'runs', runs, { ratio: 1 }, 'connections'));
    tell(answer(`${slots}, databases left`, left, 'before', 0, { most: 0 }, 'databases'));
  }
  await admin.end();
}

async function round(cluster: Cluster, admin: pg.Client, runs: number): Promise<Round> {
  const databases = await numberOf(admin, DATABASES);
  const url = `postgresql://postgres@127.0.0.1:${cluster.port}/postgres`;
  const children = Array.from({ length: runs }, () =>
    spawn(process.execPath, [RUN, url, String(SLOTS)], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  await Promise.all(children.map((child) => said(child, 'loaded')));
  const watching = watch(admin);
  const ready = await timed(children, 'go', 'ready');
  const peak = await watching.stop();
  const held = await numberOf(admin, SESSIONS);
  const closed = await timed(children, 'end', 'closed');
  await Promise.all(children.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)));
  return { ready, closed, peak, held, left: (await numberOf(admin, DATABASES)) - Math.max(databases, 1) };
}

/** Milliseconds until all have answered `word`. */
async function timed(children: readonly ChildProcess[], command: string, word: string): Promise<number> {
  const from = performance.now();
  const answers = children.map((child) => said(child, word));
  for (const child of children) child.stdin?.write(`${command}\n`);
  await Promise.all(answers);
  return performance.now() - from;
}

function said(child: ChildProcess, word: string): Promise<void> {
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (text: Buffer) => text.includes(word) && resolve());
    child.once('exit', (code) => reject(new Error(`a run ended with ${code} before it was ${word}`)));
  });
}

/** The most sessions that were seen at once. */
function watch(admin: pg.Client): { stop: () => Promise<number> } {
  let most = 0;
  let on = true;
  const done = (async () => {
    while (on) most = Math.max(most, await numberOf(admin, SESSIONS));
  })();
  return {
    stop: async () => {
      on = false;
      await done;
      return most;
    },
  };
}

const SESSIONS = `
  SELECT count(*)::int AS n FROM pg_stat_activity
   WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()`;
const DATABASES = `SELECT count(*)::int AS n FROM pg_database WHERE datname LIKE 'stk%'`;

async function numberOf(admin: pg.Client, sql: string): Promise<number> {
  return (await admin.query<{ n: number }>(sql)).rows[0]?.n ?? 0;
}

function count(n: number, thing: string): string {
  return `${n} ${thing}${n === 1 ? '' : 's'}`;
}
