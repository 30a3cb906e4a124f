// README and docs/: every config and test in them is type-checked and run in the demo application; every link resolves.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { execa } from 'execa';
import { type CodeBlock, documents } from './harness/documents.ts';
import { root } from './harness/home.ts';
import { expect, type Project, test } from './harness/test.ts';

/** Blocks that are no config and no test, and why none of them is run here. A new one is listed, too. */
const NOT_RUN: readonly (readonly [page: string, beginning: string, reason: string])[] = [
  ['CONTRIBUTING.md', 'npm ci\n', 'these are the commands that run this test'],
  ['CONTRIBUTING.md', 'npx playwright test --project=unit', 'these are the commands that run one test'],
  ['CONTRIBUTING.md', 'STACKS_EVENTS=', 'every e2e test reads that file'],
  ['README.md', 'npm ci && npm run demo', 'demo.spec.ts runs the demo'],
  ['README.md', 'npm install --save-dev playwright-stacks', 'the harness installs the packed package'],
  ['README.md', 'npx playwright test --workers=4', 'each example is run so'],
  ['docs/command-line.md', 'ok    migrate, seed', 'cli.spec.ts reads what doctor --app prints'],
  ['docs/command-line.md', '61 tests in file order', 'audit.spec.ts reads what audit prints'],
  ['docs/for-agents.md', 'npx playwright test   ', 'Playwright’s own command line'],
  ['docs/for-agents.md', 'npx playwright-stacks status', 'cli.spec.ts runs these commands'],
  ['docs/init.md', 'npm install --save-dev playwright-stacks', 'apps/express.app.ts runs init in a project of its own'],
  ['docs/init.md', 'Found:', 'what stacks.test.ts prints'],
  ['docs/recipes/django.md', '# shop/settings.py', 'npm run test:apps runs the fixture that it is copied from'],
  ['docs/recipes/nextjs.md', '// next.config.js', 'npm run test:apps runs the fixture that it is copied from'],
  ['docs/recipes/nextjs.md', '// app/reset/route.js', 'npm run test:apps runs the fixture that it is copied from'],
  ['docs/recipes/several-servers.md', '// vite.config.js', 'fixed-origins.test.ts reads such configs'],
  ['docs/recipes/variables.md', '// app.js', 'own-database.spec.ts runs the fixture that it is copied from'],
  ['docs/recipes/variables.md', '// migrate.js', 'own-database.spec.ts runs the fixture that it is copied from'],
  ['docs/recipes/variables.md', '// overriding.js', 'own-database.spec.ts runs the fixture that it is copied from'],
  ['docs/recipes/failed-test.md', 'STACKS_KEEP=on-failure npx playwright test', 'keep.spec.ts runs these commands'],
  ['docs/recipes/profilers-and-debuggers.md', '[stacks] inspector', 'what the run of servers.spec.ts prints'],
  ['docs/reporter.md', '[stacks] postgres', 'what the run of explained.spec.ts prints'],
  ['docs/reporter.md', '[stacks] 12 of 61', 'what live-text.test.ts prints'],
  ['docs/recipes/shards.md', '# .github/workflows/e2e.yml', "shards.spec.ts runs the workflows' commands"],
  ['docs/workspace.md', '// e2e/commits.spec.js', 'workspace.spec.ts runs this test'],
  ['docs/board.md', 'STACKS_BOARD=1 npx playwright test', 'state.spec.ts runs with it'],
  ['docs/board.md', 'npx playwright-stacks merge-reports', 'report.test.ts merges reports'],
  ['docs/state.md', '// progress-reporter.mjs', 'state.spec.ts runs this reporter'],
  ['docs/start.md', 'Node, Playwright, config', 'bench -- start draws it'],
  ['docs/scaling.md', 'SELECT datname, application_name', 'a query for the reader'],
];

const blocks = documents.flatMap((document) => document.blocks);
/** `url: '/healthz',`: each is parsed by options-page.test.ts, and compiled here. */
const optionExamples = blocks.filter(({ page }) => page === 'docs/options.md');
/** `database: { … }` in the text of other pages: options of `withStacks()`. */
const fragments = blocks.filter(
  ({ page, language, code }) => language === 'ts' && page !== 'docs/options.md' && /^\w+: /.test(code),
);
const others = [...optionExamples, ...fragments];
const examples = blocks.filter((block) => block.language === 'ts' && !others.includes(block));
/** Of other applications than the demo: `npm run test:apps` and own-database.spec.ts run what they are copied from. */
const OF_FIXTURES = {
  'docs/recipes/django.md': 'django',
  'docs/recipes/nextjs.md': 'nextjs',
  'docs/recipes/static-site.md': 'static',
  'docs/recipes/variables.md': 'variables',
};
const configs = examples.filter(({ page, file }) => file === 'playwright.config.ts' && !(page in OF_FIXTURES));
const specs = examples.filter(({ file }) => file?.endsWith('.spec.ts'));
const [readmeConfig] = configs;

/** One template for all examples: they are about configs. */
const seedNonce = randomBytes(6).toString('hex');
/** Needs no browser. */
const serves = `
  import { expect, test } from '@playwright/test';
  test('serves', async ({ request }) => expect(await (await request.get('/healthz')).text()).toBe('ok'));
`;
const api = `
  import { createServer } from 'node:http';
  createServer((_, response) => response.end('ok')).listen(Number(process.argv.at(-1)), 'localhost');
`;
/** What the examples' applications have and the demo has not. */
const audit = `
  import { readFileSync } from 'node:fs';
  import pg from 'pg';
  const client = new pg.Client(process.env.DATABASE_URL);
  await client.connect();
  await client.query(readFileSync('audit/1.sql', 'utf8'));
  await client.end();
`;
const scripts = { build: 'true', api: 'node api.mjs', 'audit:migrate': 'node audit.mjs' };
const files = {
  'e2e/serves.spec.ts': serves,
  'api.mjs': api,
  'audit.mjs': audit,
  'audit/1.sql': 'CREATE TABLE entries (at timestamptz); -- {{nonce}}',
};

test('every TypeScript block is a config or a test, and every other block is listed with its reason', () => {
  expect(readmeConfig?.page).toBe('README.md');
  const isConfig = ({ file }: CodeBlock) => file === 'playwright.config.ts';
  expect(examples.filter((block) => !isConfig(block) && !specs.includes(block))).toEqual([]);
  expect(specs.map(({ file }) => file)).toEqual([...new Set(specs.map(({ file }) => file))]);
  const isListed = ({ page, code }: CodeBlock) =>
    NOT_RUN.some(([of, beginning]) => page === of && code.startsWith(beginning));
  expect(blocks.filter((block) => ![...examples, ...others].includes(block) && !isListed(block))).toEqual([]);
  const isThere = ([of, beginning]: (typeof NOT_RUN)[number]) =>
    blocks.some(({ page, code }) => page === of && code.startsWith(beginning));
  expect(NOT_RUN.filter((listed) => !isThere(listed))).toEqual([]);
});

test('recipes of other applications are copied from their fixtures', () => {
  for (const [page, fixture] of Object.entries(OF_FIXTURES)) {
    for (const { code } of blocks.filter((block) => block.page === page && !fragments.includes(block))) {
      const [, file = '', content = ''] = /^(?:#|\/\/) (\S+)\n(.*)$/s.exec(code) ?? [];
      expect(readFileSync(path.join(root, 'fixtures', fixture, file), 'utf8')).toContain(content.trim());
    }
  }
});

test('every example is right for the compiler', async ({ project }) => {
  const notes = await project('notes', { files, seedNonce });
  await notes.write('options.ts', optionsModule());
  const written = examples.map(({ file = '', code }, index) => ({ file: file.replace('.ts', `-${index}.ts`), code }));
  for (const { file, code } of written) await notes.write(file, code);
  const options = '--noEmit --strict --skipLibCheck --target es2023 --lib esnext,dom --module nodenext --types'.split(
    ' ',
  );
  const checked = [...options, '', 'options.ts', ...written.map(({ file }) => file)];
  await execa(path.join(root, 'node_modules/.bin/tsc'), checked, { cwd: notes.folder, all: true });
});

test('the examples that are tests pass', async ({ project, run, sandbox }) => {
  sandbox.expectLeak(/\/jiti/); // The migration tool's loader leaves it, also without us.
  const notes = await project('notes', { files, seedNonce });
  await notes.write('playwright.config.ts', readmeConfig?.code ?? '');
  for (const { file = '', code } of specs) await notes.write(file, code);
  const result = await run(notes, [...specs.map(({ file = '' }) => file), '--workers=1'], { env: pathOf(notes) });
  expect(result.output).toContain(`${specs.length} passed`);
  expect(result.exitCode).toBe(0);
});

for (const [index, { page, code }] of configs.filter((config) => config !== readmeConfig).entries()) {
  test(`config ${index + 1} of the docs serves: ${page}`, { tag: '@matrix' }, async ({
    project,
    run,
    existingServer,
    sandbox,
  }) => {
    sandbox.expectLeak(/\/jiti/);
    const notes = await project('notes', { files, seedNonce });
    const manifest = JSON.parse(await notes.read('package.json'));
    await notes.write('package.json', JSON.stringify({ ...manifest, scripts: { ...manifest.scripts, ...scripts } }));
    const url = 'postgresql://me:secret@localhost:5432/postgres';
    await notes.write('playwright.config.ts', code.replace(url, existingServer.url));
    const result = await run(notes, ['e2e/serves.spec.ts', '--workers=1'], { env: pathOf(notes) });
    expect(result.output).toMatch(/[12] passed/);
    expect(result.exitCode).toBe(0);
  });
}

test('every link leads somewhere, those of the README also from the registry', () => {
  const { repository } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  const home: string = repository.url.replace(/^git\+/, '').replace(/\.git$/, '');
  const bases = [`${home}/blob/main/`, `${home.replace('github.com', 'raw.githubusercontent.com')}/main/`];
  const dead = documents.flatMap(({ page, links }) =>
    links
      .filter((link) => !link.startsWith('http') || link.startsWith(home) || link.startsWith(bases[1] ?? ''))
      .filter((link) => {
        const base = bases.find((each) => link.startsWith(each));
        if (page === 'README.md' && base === undefined) return true;
        const [file = '', anchor] = (base ? link.slice(base.length) : link).split('#');
        const target = base ? file : path.join(path.dirname(page), file || path.basename(page));
        if (!existsSync(path.join(root, target))) return true;
        const known = documents.find((document) => document.page === target)?.anchors ?? [];
        return anchor !== undefined && !known.includes(anchor);
      })
      .map((link) => `${page}: ${link}`),
  );
  expect(dead).toEqual([]);
});

test('the index of docs/ links every page of it', () => {
  const index = documents.find(({ page }) => page === 'docs/README.md');
  const pages = documents.map(({ page }) => path.relative('docs', page)).filter((page) => !page.startsWith('..'));
  expect(pages.filter((page) => page !== 'README.md' && !index?.links.includes(page))).toEqual([]);
});

test('the README is read in a few minutes', () => {
  expect(documents.find(({ page }) => page === 'README.md')?.text.split('\n').length).toBeLessThanOrEqual(151);
});

/** `npm run` finds the migration tool in the folder where the packed package is installed. */
function pathOf({ folder }: Project): { PATH: string } {
  return { PATH: `${path.resolve(folder, '../../node_modules/.bin')}:${process.env.PATH}` };
}

/** Every example of docs/options.md, as the option that its heading names. */
function optionsModule(): string {
  const { text = '' } = documents.find(({ page }) => page === 'docs/options.md') ?? {};
  const entries = [...text.matchAll(/^### `([\w.]+)`$.*?^```ts\n(.*?)^```$/gms)];
  expect(entries.length).toBe(optionExamples.length);
  const lines = entries.flatMap(([, name = '', code = '']) =>
    code
      .split(',\n')
      .slice(0, -1)
      .map((example, index) => `export const ${name.replace('.', '_')}_${index}: ${typeOf(name)} = { ${example} };`),
  );
  const imports = `import type { DatabaseOptions, ServerOptions, StacksOptions, StackUse, WorkspaceOptions } from 'playwright-stacks';`;
  const inText = fragments.map(({ code }, index) => `export const fragment_${index}: StacksOptions = { ${code} };`);
  return [imports, ...inText, 'declare const process: { env: Record<string, string | undefined> };', ...lines].join(
    '\n',
  );
}

function typeOf(name: string): string {
  const [parent = '', key] = name.split('.');
  if (key === undefined) return 'StacksOptions';
  const types = { database: 'DatabaseOptions', server: 'ServerOptions', workspace: 'WorkspaceOptions' };
  return { ...types, use: '{ use: StackUse }' }[parent] ?? 'never';
}
