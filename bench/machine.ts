// `npm run bench -- machine`: four runs of four workers at once, whose tests compute: how long all take together, and how many
// tests run into their timeouts, where the runs share the machine's slots and where they take no notice of each other.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Answer, answer } from './answer.ts';
import { median } from './contest.ts';

const RUNS = 4;
const WORKERS = 4;
/** Of each run. STACKS_BENCH_FILES: for a first look. */
const FILES = Number(process.env.STACKS_BENCH_FILES ?? 8);
const TESTS_PER_FILE = 4;
const ROUNDS = Number(process.env.STACKS_BENCH_ROUNDS ?? 3);
/** Milliseconds of processor time of a test, and those that it may take: six times as long as beside nothing else. */
const COMPUTES_MS = 400;
const TIMEOUT_MS = 2_400;
const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../src/index.js', import.meta.url));

interface Measured {
  /** Milliseconds until the last run was over. */
  readonly ms: number;
  readonly timedOut: number;
  /** The runs that ended with what neither passed nor ran into its timeout. */
  readonly broken: number;
}

export async function benchMachine(tell: (answer: Answer) => void): Promise<void> {
  const base = mkdtempSync(join(tmpdir(), 'stk-bench-'));
  chmodSync(base, 0o755); // as root, Postgres is another user
  try {
    const folders = Array.from({ length: RUNS }, (_, run) => join(base, `run-${run}`));
    for (const folder of folders) writeSuite(folder);
    await together(folders.slice(0, 1), 'off', base); // what is cached once
    const found: Record<'auto' | 'off', Measured[]> = { auto: [], off: [] };
    for (let round = 0; round < ROUNDS; round++) {
      for (const slots of ['auto', 'off'] as const) found[slots].push(await together(folders, slots, base));
    }
    const of = (slots: 'auto' | 'off', what: keyof Measured) => median(found[slots].map((each) => each[what]));
    const title = `${RUNS} runs of ${WORKERS} workers at once`;
    const peer = "with slots: 'off'";
    tell(answer(`${title}: all over`, of('auto', 'ms'), peer, of('off', 'ms'), { ratio: 1.1 }));
    const tests = RUNS * FILES * TESTS_PER_FILE;
    const [auto, off] = [of('auto', 'timedOut'), of('off', 'timedOut')];
    tell(answer(`${title}: timeouts of ${tests} tests`, auto, peer, off, { most: 0 }, 'tests'));
    tell(answer(`${title}: broken runs`, of('auto', 'broken'), peer, of('off', 'broken'), { most: 0 }, 'runs'));
  } finally {
    rmSync(base, { recursive: true });
  }
}

async function together(folders: readonly string[], slots: 'auto' | 'off', base: string): Promise<Measured> {
  const began = performance.now();
  const results = await Promise.all(folders.map((folder) => runIn(folder, slots, base)));
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    ms: performance.now() - began,
    timedOut: sum(results.map(({ timedOut }) => timedOut)),
    broken: results.filter(({ isBroken }) => isBroken).length,
  };
}

async function runIn(folder: string, slots: 'auto' | 'off', base: string) {
  const report = join(folder, 'report.json');
  rmSync(report, { force: true });
  const env = {
    ...process.env,
    // Nobody else's runs are met.
    ...{ STACKS_MACHINE_SLOTS: slots, PLAYWRIGHT_STACKS_MACHINE: join(base, 'slots') },
    PLAYWRIGHT_JSON_OUTPUT_NAME: report,
  };
  const cli = join(MODULES, '@playwright/test/cli.js');
  const child = spawn(process.execPath, [cli, 'test'], { cwd: folder, env, stdio: 'ignore' });
  await once(child, 'exit');
  const statuses = [
    ...readFileSync(report, 'utf8').matchAll(/"status": "(passed|timedOut|failed|skipped|interrupted)"/g),
  ];
  const count = (status: string) => statuses.filter(([, each]) => each === status).length;
  const [passed, timedOut] = [count('passed'), count('timedOut')];
  return { timedOut, isBroken: passed + timedOut !== FILES * TESTS_PER_FILE };
}

function writeSuite(folder: string): void {
  mkdirSync(join(folder, 'node_modules/@playwright'), { recursive: true });
  symlinkSync(join(MODULES, '@playwright/test'), join(folder, 'node_modules/@playwright/test'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(folder, 'playwright.config.js'),
    `import { defineConfig } from '@playwright/test';
     import { withStacks } from ${JSON.stringify(PACKAGE)};
     export default withStacks(
       defineConfig({ workers: ${WORKERS}, timeout: ${TIMEOUT_MS}, reporter: 'json' }),
       { database: { migrate: 'true', empty: true, inputs: ['package.json'] } },
     );`,
  );
  const tests = Array.from({ length: TESTS_PER_FILE }, (_, i) => `test('${i}', computes);`).join('\n');
  writeFileSync(
    join(folder, 'computes.js'),
    `export async function computes() {
       const began = process.cpuUsage();
       const used = () => { const { user, system } = process.cpuUsage(began); return (user + system) / 1000; };
       while (used() < ${COMPUTES_MS}) {
         for (let n = 0, x = 1; n < 2e6; n++) x = (x * 31 + n) % 1000003;
         await new Promise(setImmediate);
       }
     }`,
  );
  for (let i = 0; i < FILES; i++) {
    const text = `import { test } from '@playwright/test';\nimport { computes } from './computes.js';\n${tests}`;
    writeFileSync(join(folder, `${i}.spec.js`), text);
  }
}
