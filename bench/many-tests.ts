// 2,000 empty tests with 4 workers: what a test costs with stacks and without, whether the last ones cost more than the
// first, and whether the runner grows.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type Answer, answer } from './answer.ts';
import { median } from './contest.ts';

const FILES = 40;
const TESTS_PER_FILE = 50;
const HUNDRED = 100;
const MODULES = fileURLToPath(new URL('../../../node_modules', import.meta.url));
const PACKAGE = fileURLToPath(new URL('../src/index.js', import.meta.url));

/** Between one test's end and the next one's in the same worker and file, in milliseconds. */
interface Step {
  readonly at: number;
  readonly wall: number;
  /** The worker's processor time: it holds on a busy machine, where the other does not. */
  readonly cpu: number;
}

interface Measured {
  /** In the order of time. */
  readonly steps: readonly Step[];
  /** Bytes that the runner holds, after the first hundred tests and after the last. */
  readonly early: number;
  readonly late: number;
}

export async function askAboutManyTests(tell: (answer: Answer) => void): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'stk-bench-'));
  try {
    writeSuite(folder);
    const without = measure(folder, 'off');
    const ours = measure(folder, 'on');
    const tests = `${(FILES * TESTS_PER_FILE).toLocaleString('en')} empty tests`;
    const typical = (steps: readonly Step[], kind: 'wall' | 'cpu') => median(steps.map((step) => step[kind]));
    for (const [kind, what] of [
      ['wall', 'one of them'],
      ['cpu', 'CPU of one of them'],
    ] as const) {
      const [mine, theirs] = [typical(ours.steps, kind), typical(without.steps, kind)];
      tell(answer(`${tests}: ${what}`, mine, 'without stacks', theirs, undefined));
    }
    const [first, last] = [ours.steps.slice(0, HUNDRED), ours.steps.slice(-HUNDRED)];
    const [early, late] = [typical(first, 'cpu'), typical(last, 'cpu')];
    tell(answer(`${tests}: CPU of the last hundred's`, late, 'of the first', early, { ratio: 1.1 }));
    const mega = (bytes: number) => bytes / 2 ** 20;
    const growth = [ours, without].map(({ early, late }) => mega(late - early)) as [number, number];
    tell(
      answer(
        `${tests}: memory of the runner`,
        mega(ours.late),
        'after the first hundred',
        mega(ours.early),
        undefined,
        'MB',
      ),
    );
    tell(answer(`${tests}: growth of the runner`, growth[0], 'without stacks', growth[1], undefined, 'MB'));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function writeSuite(folder: string): void {
  chmodSync(folder, 0o755); // as root, Postgres is another user
  mkdirSync(join(folder, 'node_modules/@playwright'), { recursive: true });
  symlinkSync(join(MODULES, '@playwright/test'), join(folder, 'node_modules/@playwright/test'));
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }');
  writeFileSync(
    join(folder, 'schema.sql'),
    Array.from({ length: 30 }, (_, i) => `CREATE TABLE t${i} (id int);`).join('\n'),
  );
  writeFileSync(
    join(folder, 'playwright.config.js'),
    `import { defineConfig } from '@playwright/test';
     import { readFileSync } from 'node:fs';
     import { withStacks } from ${JSON.stringify(PACKAGE)};
     const migrate = async ({ url }) => {
       const { default: pg } = await import(${JSON.stringify(join(MODULES, 'pg/esm/index.mjs'))});
       const client = new pg.Client(url);
       await client.connect();
       await client.query(readFileSync('schema.sql', 'utf8'));
       await client.end();
     };
     export default withStacks(
       defineConfig({ workers: 4, reporter: [['./memory.js']] }),
       { database: { migrate, inputs: ['schema.sql'] } },
     );`,
  );
  writeFileSync(join(folder, 'memory.js'), REPORTER);
  const tests = Array.from({ length: TESTS_PER_FILE }, (_, i) => `test('${i}', step);`).join('\n');
  writeFileSync(join(folder, 'step.js'), STEP);
  for (let i = 0; i < FILES; i++) {
    const text = `import { test } from '@playwright/test';\nimport { flush, step } from './step.js';\n${tests}\ntest.afterAll(flush);`;
    writeFileSync(join(folder, `${i}.spec.js`), text);
  }
}

/** Runs in the workers. */
const STEP = `
  import { appendFileSync } from 'node:fs';
  let before, steps = [];
  export const step = () => {
    const { user, system } = process.cpuUsage();
    const now = { at: Date.now(), wall: performance.now(), cpu: (user + system) / 1000 };
    if (before) steps.push({ at: now.at, wall: now.wall - before.wall, cpu: now.cpu - before.cpu });
    before = now;
  };
  export const flush = () => {
    appendFileSync('steps.ndjson', steps.map((step) => JSON.stringify(step) + '\\n').join(''));
    before = undefined;
    steps = [];
  };`;

/** Runs in the runner, and knows nothing of stacks. */
const REPORTER = `
  import { writeFileSync } from 'node:fs';
  const held = () => (gc(), process.memoryUsage().heapUsed);
  export default class {
    tests = 0;
    onTestEnd() {
      if (++this.tests === ${HUNDRED}) this.early = held();
    }
    onEnd() {
      writeFileSync('memory.json', JSON.stringify({ early: this.early, late: held() }));
    }
  }`;

function measure(folder: string, STACKS: 'on' | 'off'): Measured {
  const cli = join(MODULES, '@playwright/test/cli.js');
  const env = { ...process.env, STACKS, STACKS_CACHE: join(folder, 'cache') };
  rmSync(join(folder, 'steps.ndjson'), { force: true });
  execFileSync(process.execPath, ['--expose-gc', cli, 'test'], { cwd: folder, env, stdio: 'pipe' });
  const lines = readFileSync(join(folder, 'steps.ndjson'), 'utf8').trim().split('\n');
  const steps = lines.map((line): Step => JSON.parse(line)).sort((a, b) => a.at - b.at);
  return { steps, ...JSON.parse(readFileSync(join(folder, 'memory.json'), 'utf8')) };
}
