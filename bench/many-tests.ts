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

interface Measured {
  /** Milliseconds from one test's end to the next one's in the same worker and file. */
  readonly steps: readonly number[];
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
    tell(answer(`${tests}: one of them`, median(ours.steps), 'without stacks', median(without.steps), undefined));
    const [first, last] = [ours.steps.slice(0, HUNDRED), ours.steps.slice(-HUNDRED)].map(median) as [number, number];
    tell(answer(`${tests}: one of the last hundred`, last, 'one of the first', first, { ratio: 1.1 }));
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
       defineConfig({ workers: 4, reporter: [['./steps.js']] }),
       { database: { migrate, inputs: ['schema.sql'] } },
     );`,
  );
  writeFileSync(join(folder, 'steps.js'), REPORTER);
  const tests = Array.from({ length: TESTS_PER_FILE }, (_, i) => `test('${i}', () => {});`).join('\n');
  for (let i = 0; i < FILES; i++) {
    writeFileSync(join(folder, `${i}.spec.js`), `import { test } from '@playwright/test';\n${tests}`);
  }
}

/** Runs in the runner, and knows nothing of stacks. */
const REPORTER = `
  import { writeFileSync } from 'node:fs';
  const kept = () => (gc(), process.memoryUsage().heapUsed);
  export default class {
    ends = new Map();
    steps = [];
    tests = 0;
    onTestEnd({ location }, { workerIndex }) {
      const now = performance.now();
      const key = workerIndex + location.file;
      if (this.ends.has(key)) this.steps.push(now - this.ends.get(key));
      this.ends.set(key, now);
      if (++this.tests === ${HUNDRED}) this.early = kept();
    }
    onEnd() {
      const { steps, early } = this;
      writeFileSync('steps.json', JSON.stringify({ steps, early, late: kept() }));
    }
  }`;

function measure(folder: string, STACKS: 'on' | 'off'): Measured {
  const cli = join(MODULES, '@playwright/test/cli.js');
  const env = { ...process.env, STACKS, STACKS_CACHE: join(folder, 'cache') };
  execFileSync(process.execPath, ['--expose-gc', cli, 'test'], { cwd: folder, env, stdio: 'pipe' });
  return JSON.parse(readFileSync(join(folder, 'steps.json'), 'utf8'));
}
