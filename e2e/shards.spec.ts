// The workflows of the recipe for shards, by running their commands: shards at once against one server, each in a
// network namespace of its own where that is possible; shards with an embedded server each; their merged reports.
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { configText, miniDatabase } from './harness/config-text.ts';
import { root } from './harness/home.ts';
import { expect, type Project, type RunResult, test } from './harness/test.ts';

const recipe = readFileSync(path.join(root, 'docs/recipes/shards.md'), 'utf8');
const [withService = '', withEmbedded = ''] = [
  ...recipe.matchAll(/```yaml\n# \.github\/workflows\/e2e\.yml\n([\s\S]*?)```/g),
].map(([, text]) => text);
const SHARDS = [1, 2, 3, 4];
const merging = command(withService, 'merge-reports');

/** The arguments of the workflow's `npx playwright …` whose first is `name`. */
function command(workflow: string, name: string): string[] {
  const found = workflow.match(new RegExp(`- run: npx playwright (${name} .*)`))?.[1] ?? '';
  return found.split(' ');
}

/** `{ command, options }` of shard `i` in the project of all; a job has a folder of its own for each, we share one. */
function shard(workflow: string, i: number): { command: string[]; env: Record<string, string> } {
  const words = command(workflow, 'test')
    .join(' ')
    .replace(/\$\{\{ matrix\.shard \}\}/, String(i))
    .split(' ');
  return { command: [...words, `--output=results-${i}`], env: { PLAYWRIGHT_BLOB_OUTPUT_DIR: `blob-report-${i}` } };
}

const mayWrite = ['all-blob-reports/', ...SHARDS.flatMap((i) => [`results-${i}/`, `blob-report-${i}/`])];

test('the workflows are those of the test', () => {
  expect(withService.match(/shard: \[(.*)\]/)?.[1]).toBe(SHARDS.join(', '));
  expect(withService).toMatch(/STACKS_DATABASE_URL: postgresql:\/\/postgres:secret@localhost:5432\/postgres\n/);
  expect(withEmbedded).not.toContain('STACKS_DATABASE_URL');
  expect(command(withEmbedded, 'test')).toEqual(command(withService, 'test'));
});

for (const [title, chosen, details] of [
  ['two of the four shards', [1, 3], {}],
  ['four shards', SHARDS, { tag: '@matrix' }],
] as const) {
  test(
    `${title} at once share one server and its template, and their reports merge`,
    details,
    async ({ project, start, run, existingServer }) => {
      const mini = await project('mini', { mayWrite });
      const through = namespace();
      const STACKS_DATABASE_URL = through.length > 0 ? existingServer.socketUrl : existingServer.url;
      const runs = chosen.map((i) => {
        const { command, env } = shard(withService, i);
        return start(mini, [], { command, through, env: { ...env, STACKS_DATABASE_URL }, timeout: 120_000 });
      });
      const results = await Promise.all((await Promise.all(runs)).map(({ done }) => done));
      expect(results.map(({ exitCode }) => exitCode)).toEqual(chosen.map(() => 0));
      const events = results.flatMap((result) => result.events);
      const templates = events.filter((event) => event.type === 'template-ready');
      expect(templates.map(({ built }) => built).sort()).toEqual([...chosen.slice(1).map(() => false), true]);
      expect(new Set(templates.map(({ database }) => database)).size).toBe(1);
      const opened = events.filter((event) => event.type === 'stack-opened' && !event.again);
      expect(new Set(opened.map((event) => Reflect.get(event, 'database'))).size).toBe(opened.length);
      expect(opened.length).toBeGreaterThanOrEqual(chosen.length);
      // A shard has one of the four files, each of which has two tests.
      expect(await merged(mini, run)).toMatchObject({
        expected: 2 * chosen.length,
        ...{ unexpected: 0, flaky: 0, skipped: 0 },
      });
    },
  );
}

test('shards with an embedded server each share nothing, and their reports merge', { tag: '@matrix' }, async ({
  project,
  start,
  run,
}) => {
  const mini = await project('mini', {
    files: { 'playwright.config.ts': configText({ database: miniDatabase }) },
    mayWrite,
  });
  const chosen = [1, 3];
  const runs = chosen.map((i) => start(mini, [], { ...shard(withEmbedded, i), timeout: 120_000 }));
  const results = await Promise.all((await Promise.all(runs)).map(({ done }) => done));
  expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  const ports = results.flatMap(({ events }) => events.filter((event) => event.type === 'postgres-ready'));
  expect(new Set(ports.map(({ port }) => port)).size).toBe(2);
  expect(await merged(mini, run)).toMatchObject({ expected: 4, unexpected: 0 });
});

/** What executes a command in a network namespace of its own; nothing where that is not allowed. */
function namespace(): readonly string[] {
  const own = ['unshare', '--net', 'sh', '-c', 'ip link set lo up && exec "$@"', 'sh'] as const;
  try {
    execFileSync(own[0], [...own.slice(1), 'true'], { stdio: 'ignore' });
    return own;
  } catch {
    return []; // no right to, or no such program
  }
}

/** The counts of the merged report. */
async function merged(
  mini: Project,
  run: (project: Project, args: readonly string[], options: object) => Promise<RunResult>,
): Promise<object | undefined> {
  const all = path.join(mini.folder, 'all-blob-reports');
  mkdirSync(all);
  for (const folder of readdirSync(mini.folder).filter((name) => name.startsWith('blob-report-'))) {
    for (const file of readdirSync(path.join(mini.folder, folder))) {
      copyFileSync(path.join(mini.folder, folder, file), path.join(all, file));
    }
  }
  const command = merging.map((word) => {
    return word.replace('--reporter=html', '--reporter=html,json,playwright-stacks/reporter');
  });
  const summary = path.join(mini.folder, 'summary.md');
  const result = await run(mini, [], { command, report: 'json', env: { GITHUB_STEP_SUMMARY: summary } });
  expect(result.exitCode).toBe(0);
  const { expected = 0 } = result.report?.stats ?? {};
  const files = expected / 2; // each has two tests
  const lines = result.stderr.split('\n').filter((line) => line.startsWith('[stacks] '));
  expect(lines.map((line) => line.replace(/\d+\.\d/g, 'N'))).toEqual([
    `[stacks] ${files} files: ${files} passed, 0 failed, 0 cancelled`,
    `[stacks] ${expected} tests: ${expected} passed`,
    expect.stringMatching(/^\[stacks\] wall clock N s; the files' times add up to N s(, N times the wall clock)?$/),
    expect.stringMatching(/^\[stacks\] slowest file: \w\.spec\.ts, N s$/),
  ]);
  expect(readFileSync(summary, 'utf8')).toMatch(/^### playwright-stacks: /);
  rmSync(summary);
  expect(readdirSync(path.join(mini.folder, 'playwright-report'))).toContain('index.html');
  return result.report?.stats;
}
