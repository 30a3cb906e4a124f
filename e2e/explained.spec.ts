// A failed test explains itself: what its slot's servers have printed, and no other's, with a suite whose application fails
// on purpose.
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from '@playwright/test';
import type { JSONReport } from '@playwright/test/reporter';
import { findBrowser } from '../fixtures/browser.mjs';
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

const app = `
  import { createServer } from 'node:http';
  import pg from 'pg';
  const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 2, application_name: 'shop' });
  pool.on('error', () => {});
  const routes = {
    '/healthz': async () => pool.query('SELECT 1'),
    '/order': async ({ of, fail }) => {
      console.log('\\x1b[36morder of ' + of + '\\x1b[0m with SESSION_TOKEN=' + of + '-0123456789');
      await pool.query('INSERT INTO items (name) VALUES ($1)', [of]);
      await pool.query('SELECT id FROM items AS sessions(id, token) WHERE token = $1 AND id < $2', ['hidden-' + of, 7]);
      if (fail) await pool.query('INSERT INTO items (id, name) OVERRIDING SYSTEM VALUE VALUES ($1, $2)', [1, of]);
    },
  };
  createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url, 'http://localhost');
    try {
      await routes[pathname](Object.fromEntries(searchParams));
      response.end('ok');
    } catch (error) {
      console.error(error);
      response.writeHead(500).end(String(error));
    }
  }).listen(Number(process.env.PORT), 'localhost');
`;

// Two workers at a time: each waits for the other's test to be under way.
const spec = (of: string, other: string) => `
  import { existsSync, writeFileSync } from 'node:fs';
  import { expect, test } from '@playwright/test';
  test('passes for ${of}', async ({ request }) => {
    expect((await request.get('/order?of=passing-${of}')).status()).toBe(200);
  });
  test('fails for ${of}', async ({ request }) => {
    writeFileSync('begun-${of}', '');
    await expect.poll(() => existsSync('begun-${other}')).toBe(true);
    const response = await request.get('/order?of=${of}&fail=yes');
    expect(response.status(), 'on purpose').toBe(200);
  });
`;

const why = 'server "web": error: duplicate key value violates unique constraint "items_pkey"';
const statement =
  'SQL: INSERT INTO items (id, name) OVERRIDING SYSTEM VALUE VALUES ($1, $2): 23505: duplicate key value violates unique constraint "items_pkey" Key (id)=(1) already exists.';
const told = [`  'fails for X': ${why}`, `  'fails for X': ${statement}`];
const failed = (file: string) => `FAIL ${file}.spec.ts (1 of 2 tests failed, N s, slot N)`;

/** Two files that end in either order are the same line here, but for their names. */
const REPORTED = [
  'Found 2 test files (4 tests), 2 workers',
  '2 stacks opened: N ms (clone N, web N)',
  ...[failed('F'), ...told, failed('F'), ...told],
  '2 files: 0 passed, 2 failed, 0 cancelled; 2 without a matching test',
  '4 tests: 2 passed, 2 failed',
  "wall clock N s; the files' times add up to N s",
  'slowest file: F.spec.ts, N s',
  'clones: 2, median N ms, worst N ms',
  'rewinds: 4, median N ms, worst N ms',
];

/**
 * What ours has printed from the first test on, without hints, numbers that vary, and order; and without what is said
 * again at the end where a hint came between.
 */
function reported(stderr: string): string[] {
  const lines = stderr.split('\n').flatMap((line) => (line.startsWith('[stacks] ') ? [line.slice(9)] : []));
  const own = lines.slice(lines.findIndex((line) => line.startsWith('Found'))).filter((line) => !/^hint /.test(line));
  const again = own.indexOf('Files that failed:');
  if (again >= 0) own.splice(again, 3);
  const summary = own.findIndex((line) => /^2 files/.test(line));
  return own.map((line, index) => {
    const text = line
      .replace(/\d+(\.\d)?(–\d+)?(?= (m?s|times)\b)/g, 'N')
      .replace(/(clone|web|slot) \d+(–\d+)?/g, '$1 N')
      .replace(', N times the wall clock', '');
    const isSummary = index >= summary && !text.startsWith('slowest');
    return isSummary ? text : text.replace(/\b[ab](?=\.spec)/, 'F').replace(/anna|bert/, 'X');
  });
}

test('a failed test has what its servers printed meanwhile, without secrets; one that passes has nothing; the lines of such a run', async ({
  project,
  run,
}) => {
  const files = {
    ...only(spec('anna', 'bert')),
    'e2e/b.spec.ts': spec('bert', 'anna'),
    'playwright.config.ts': configText({ config: `reporter: [['list'], ['html', { open: 'never' }]]` }),
    'app.mjs': app,
  };
  const mini = await project('mini', { files, mayWrite: ['begun-anna', 'begun-bert'] });
  const { report, stderr, events } = await run(mini, ['--workers=2'], { report: 'json' });
  expect(report?.stats).toMatchObject({ expected: 2, unexpected: 2 });
  expect(reported(stderr)).toEqual(REPORTED);

  for (const [of, other] of [
    ['anna', 'bert'],
    ['bert', 'anna'],
  ] as const) {
    expect(attachedTo(`passes for ${of}`, report)).toEqual(new Map());
    const counted = events.filter(
      (event) => event.type === 'statements-counted' && event.test.title === `fails for ${of}`,
    );
    // The one that failed has taken nothing.
    expect(counted).toMatchObject([{ count: 2, distinct: 2, longest: [{ times: 1 }, { times: 1 }] }]);
    const log = attachedTo(`fails for ${of}`, report).get('server log: web');
    expect(log).toContain(`order of ${of} with SESSION_TOKEN=***\n`);
    expect(log).toContain('duplicate key value violates unique constraint "items_pkey"');
    expect(log).toMatch(/at .*app\.mjs:\d+:\d+/);
    expect(log).not.toContain(other);
    expect(log).not.toContain('passing');

    const sql = attachedTo(`fails for ${of}`, report).get('sql');
    expect(sql).toMatch(
      /^3 statements \(3 distinct\) in [\d.]+ ms\n\nfailed, or waited for a lock:\n\+\d+ ms {2}failed {2}INSERT/,
    );
    expect(sql?.match(/^\+\d+ ms .*$/gm)?.map((line) => line.replace(/^.* ms {2}|failed {2}/g, ''))).toEqual([
      'INSERT INTO items (id, name) OVERRIDING SYSTEM VALUE VALUES ($1, $2)',
      'INSERT INTO items (name) VALUES ($1)',
      'SELECT id FROM items AS sessions(id, token) WHERE token = *** AND id < $2',
      'INSERT INTO items (id, name) OVERRIDING SYSTEM VALUE VALUES ($1, $2)',
    ]);
    expect(sql).toContain(`$1 = '1', $2 = '${of}'\n    ERROR 23505: duplicate key value`);
    expect(sql).toContain("$1 = '***', $2 = '***'\n    shop, session ");
    expect(sql).not.toContain(other);
    expect(attachedTo(`fails for ${of}`, report).get('rows changed')).toBe(
      `1 row changed\npublic.items  insert  id 2  name "${of}"\n`,
    );

    const picture = attachedTo(`fails for ${of}`, report).get('what happened');
    expect(picture).toMatch(
      /1 request failed · 1 statement failed · an error in the log of &quot;web&quot; · 1 request · 3 statements · 1 row changed · \d+ ms/,
    );
    expect(picture).toMatch(/\+\d+ ms {2}500 {2}GET \/order\?… of &quot;web&quot;, \d+ ms/);
    expect(picture).toContain('ERROR 23505: duplicate key value violates unique constraint');
    for (const hidden of [other, 'hidden-', 'passing']) expect(picture).not.toContain(hidden);

    const context = await readFile(contextOf(`fails for ${of}`, report), 'utf8');
    expect(context).toMatch(/^# (?:Instructions|Test info)/m); // Playwright's own
    const [, text = ''] = context.split('# What the stack says\n');
    const file = of === 'anna' ? 'a' : 'b';
    expect(text).toMatch(
      new RegExp(`## Reproduce\n\n\`\`\`\nnpx playwright test e2e/${file}\\.spec\\.ts:\\d+\n\`\`\`\n`),
    );
    for (const part of [
      '500  GET /order?… of "web"',
      'ERROR 23505: duplicate key',
      'at async',
      `name "${of}"`,
      'server "web": running',
      'connections: ',
    ]) {
      expect(text).toContain(part);
    }
    for (const hidden of [other, 'hidden-', '-0123456789', 'passing']) expect(text).not.toContain(hidden);
    expect(Buffer.byteLength(text)).toBeLessThan(8_000);
  }
  await expectPicture(join(mini.folder, 'playwright-report', 'index.html'), 'fails for anna');
});

/** In Playwright's HTML report, as people see it. */
async function expectPicture(page: string, title: string): Promise<void> {
  const found = findBrowser();
  const executable = found?.kind === 'system' ? { executablePath: found.path } : {};
  const browser = await chromium.launch({ ...executable, args: ['--no-sandbox'] });
  try {
    const report = await browser.newPage();
    await report.goto(pathToFileURL(page).href);
    await report.getByText(title).click();
    const picture = report.locator('img[src$=".svg"]').first();
    await picture.scrollIntoViewIfNeeded();
    await expect.poll(() => picture.evaluate((image) => Reflect.get(image, 'naturalWidth'))).toBe(960);
  } finally {
    await browser.close();
  }
}

/** By name, what the test of that title was given. */
function attachedTo(title: string, report: JSONReport | undefined): ReadonlyMap<string, string> {
  return new Map(
    attachmentsOf(title, report).map(({ name, body = '' }) => [name, Buffer.from(body, 'base64').toString()]),
  );
}

/** What Playwright writes for programs. */
function contextOf(title: string, report: JSONReport | undefined): string {
  return attachmentsOf(title, report).find(({ name }) => name === 'error-context')?.path ?? '';
}

function attachmentsOf(title: string, report: JSONReport | undefined) {
  const specs = (report?.suites ?? []).flatMap((suite) => suite.specs);
  const results = specs.find((each) => each.title === title)?.tests.flatMap((each) => each.results);
  return (results ?? []).flatMap((result) => result.attachments);
}
