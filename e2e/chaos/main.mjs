// npm run chaos -- [--minutes N] [--seed S] [--json]: ends runs in random ways at random moments, beside a run that must not
// notice, and says what was left and for how long. Progress on stderr, the result on stdout.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '5' },
    seed: { type: 'string', default: String(Math.floor(Math.random() * 1e9)) },
    json: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'playwright-stacks-chaos-'));
const result = join(folder, 'result.json');
const here = fileURLToPath(new URL('.', import.meta.url));
const cli = fileURLToPath(new URL('../../node_modules/@playwright/test/cli.js', import.meta.url));
const child = spawn(process.execPath, [cli, 'test', '-c', here, '--output', join(folder, 'output')], {
  env: { ...process.env, CHAOS_MINUTES: values.minutes, CHAOS_SEED: values.seed, CHAOS_RESULT: result },
  stdio: ['ignore', 2, 2],
});
const [code] = await once(child, 'exit');
if (existsSync(result)) {
  const text = readFileSync(result, 'utf8');
  console.log(values.json ? text : table(JSON.parse(text)));
}
rmSync(folder, { recursive: true });
process.exitCode = code ?? 1;

function table({ rows, ...all }) {
  const columns = ['rounds', 'survivors', 'late', 'harmed', 'hung', 'misjudged', 'unhurt', 'median', 'worst'];
  const line = (title, row) => [title.padEnd(44), ...columns.map((name) => String(row[name]).padStart(10))].join('');
  const head = line('', Object.fromEntries(columns.map((name) => [name, name])));
  const lines = Object.entries(rows).map(([name, row]) => line(name, row));
  const notes =
    'late: after 5 s; median, worst: seconds from the end to nothing left; harmed: other runs; unhurt: not counted';
  return [`seed ${all.seed}, ${all.minutes} min`, head, ...lines, line('all', all), notes].join('\n');
}
