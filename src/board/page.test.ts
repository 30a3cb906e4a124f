// The page in real Chromium: what it shows, and that nothing of others is more than text in it.
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { type Browser, expect, type Page, test } from '@playwright/test';
import type { StampedEvent } from '../events.ts';
import { launch } from '../testing/browser.ts';
import type { PageFiles } from './page-files.ts';
import { AXE, bundledPage, type Feed, feedBoard } from './testing/browser.ts';
import { booting, running } from './testing/sample-run.ts';
import type { Sample } from './testing/sample-tests.ts';

test.describe.configure({ mode: 'default' });

let browser: Browser;
let files: PageFiles;
let feed: Feed;
let page: Page;
const problems: string[] = [];

test.beforeAll(async () => {
  [browser, files] = await Promise.all([launch(), bundledPage()]);
});
test.afterAll(() => browser.close());
test.beforeEach(async () => {
  feed = await feedBoard(files);
  page = await browser.newPage({ reducedMotion: 'reduce' });
  problems.length = 0;
  page.on('pageerror', (error) => problems.push(error.message));
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
});
test.afterEach(async () => {
  await page.close();
  await feed.board.close();
  expect(problems).toEqual([]);
});

const sample: Sample = { slots: 4, files: 12, tests: 6, began: Date.now() };

test('from the first step to the last test: what is waited for, failures first, lanes, an end; without a violation of axe', async () => {
  await page.goto(feed.board.url);
  feed.emit(...booting(sample));
  const waiting = page.getByRole('region', { name: 'Waiting for' });
  await expect(waiting.getByRole('region', { name: 'Output of database.migrate' })).toContainText(
    'MIGRATION 1741600000000_accounts',
  );
  await noViolation();

  feed.emit(...running(sample, 0.6));
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '43 of 72');
  const failures = page.getByRole('region', { name: /^Failures/ }).first();
  await expect(failures.locator('details')).toHaveCount(3);
  await expect(failures.locator('details').first()).toContainText('Received: "Groceries (2)"');
  await expect(failures.locator('details').first()).toContainText('SQLinsert into notes');
  await expect(failures.locator('details').first()).toContainText('passed in its last 8 runs');
  await expect(failures.locator('details').first()).toContainText('10 statements in 3 ms');
  await expect(failures.locator('details').nth(1)).toContainText('server "web" of slot 1 ended with code 1');
  const lane = page.getByRole('article', { name: 'slot 1' });
  await expect(lane).toContainText('billing › shows an empty list');
  await expect(lane).toContainText('ended 1×, runs again, pid 9101');
  await expect(lane.getByRole('link', { name: 'web:4201' })).toHaveAttribute('href', 'http://localhost:4201/');
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme });
    await noViolation();
  }

  const late = await browser.newPage();
  await late.goto(feed.board.url);
  await expect(late.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '43 of 72');
  await late.close();

  feed.emit(...running(sample, 1).slice(running(sample, 0.6).length));
  await feed.board.close();
  await expect(page.getByRole('banner').getByRole('status')).toHaveText('ended, failed');
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '72 of 72');
});

test('a page that is cut off says so, comes back by itself and has everything; what servers and databases are now is shown while it is known', async () => {
  const line = await cuttable(feed.board.url);
  feed.emit(...booting(sample), ...running(sample, 0.3));
  const blocker = { pid: 812, application: 'shop', state: 'idle in transaction', sql: 'UPDATE notes SET title = $1' };
  const query = { pid: 9, sql: '<b>SELECT</b>', ms: 3_200, blockers: [blocker] };
  const stack = { slot: 1, variant: 'default' };
  const stop = feed.board.watch({
    look: async () => ({
      servers: [{ ...stack, name: 'web', memory: 84e6, processes: 2, error: 'Error: <i>no</i>' }],
      databases: [{ ...stack, database: 'stk_c0ffee4711_1', size: 8.1e6, connections: 3, query }],
    }),
    rest: async () => {},
  });
  await page.goto(line.url);
  const lane = page.getByRole('article', { name: 'slot 1' });
  await expect(lane).toContainText('pid 9101, 84 MB');
  await expect(lane).toContainText('8.1 MB, 3 connections');
  await expect(lane).toContainText('has waited 3.2 s for pid 812 (shop, idle in transaction): <b>SELECT</b>');
  await expect(lane).toContainText('Error: <i>no</i>');
  await noViolation();
  await line.cut();
  const phase = page.getByRole('banner').getByRole('status');
  await expect(phase).toHaveText('connection lost, trying again');
  await expect(lane).not.toContainText('84 MB');
  const shown = running(sample, 0.3).length;
  feed.emit(...running(sample, 1).slice(shown, running(sample, 0.6).length));
  await line.mend();
  await expect(phase).toHaveText('running');
  await expect(page.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '43 of 72');
  await expect(lane).toContainText('84 MB');
  await stop();
  await page.close();
  await line.cut();
  problems.splice(0); // Chromium says each try that failed.
});

test('tests are found by words, outcome and slot, with the keyboard alone; at 400 px nothing is cut off', async () => {
  feed.emit(...booting(sample), ...running(sample, 0.6));
  await page.setViewportSize({ width: 400, height: 700 });
  await page.goto(feed.board.url);
  const tests = page.getByRole('region', { name: /^Tests/ });
  await expect(tests.locator('details')).toHaveCount(12);
  expect(await page.evaluate(WIDER)).toEqual([]);
  await page.keyboard.press('/');
  await page.keyboard.type('Shar creates');
  await expect(tests.locator('details')).toHaveCount(2);
  await expect(tests.locator('li')).toHaveText([/sharing › creates one/, /sharing › creates one/]);
  await page.keyboard.type(' nonsense');
  await expect(tests).toContainText('No test matches.');
  await page.getByRole('button', { name: 'Show all' }).press('Enter');
  await page.getByRole('button', { name: /1 slower/ }).press('Enter');
  await expect(tests.locator('li')).toHaveText(/sharing › keeps what was typed.*\d× its usual 480 ms.*1\.\d s/);
  await page.getByRole('button', { name: 'Show all' }).press('Enter');
  await page.getByRole('button', { name: /2 unsteady/ }).press('Enter');
  await expect(tests.locator('li').filter({ hasText: 'passed only when retried in 3 of its last 8 runs' })).toHaveCount(
    1,
  );
  expect(await page.evaluate(WIDER)).toEqual([]);
  await page.getByRole('button', { name: 'Show all' }).press('Enter');
  await page.getByRole('button', { name: /2 failed/ }).press('Enter');
  await expect(tests.locator('details')).toHaveCount(2);
  await expect(
    page
      .getByRole('region', { name: /^Failures/ })
      .first()
      .locator('details'),
  ).toHaveCount(2);
});

test('the timeline: drawn, stepped through with the keyboard, read as a table', async () => {
  feed.emit(...booting(sample), ...running(sample, 1));
  await page.goto(feed.board.url);
  const region = page.getByRole('region', { name: 'Timeline', exact: true });
  const picture = region.getByRole('application', { name: /^Timeline: arrow keys/ });
  await picture.scrollIntoViewIfNeeded();
  await expect.poll(() => page.evaluate(COLOURS)).toBeGreaterThan(6);
  await picture.focus();
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  for (const key of ['n', 'n', 'n', 'p']) await page.keyboard.press(key);
  const pointed = region.getByRole('status');
  await expect(pointed).toHaveText(/^slot 0\s*step: server "web"/);
  await region.getByText('As a table').click();
  const rows = region.getByRole('row');
  await expect(region.getByRole('caption')).toHaveText('178 in sight');
  await expect(rows.filter({ hasText: 'sharing › renames it' }).filter({ hasText: 'test failed' })).toHaveCount(1);
  await noViolation();
  await picture.focus();
  const caption = region.getByRole('caption');
  for (const key of ['+', '+', '+', 'ArrowLeft']) await page.keyboard.press(key);
  await expect(caption).not.toHaveText('178 in sight');
  await page.keyboard.press('0');
  await expect(caption).toHaveText('178 in sight');
  await picture.dblclick({ position: { x: 500, y: 30 } });
  await expect(caption).not.toHaveText('178 in sight');
});

test('what is drawn of the timeline piece by piece is what is drawn at once', { tag: '@matrix' }, async () => {
  await page.clock.setFixedTime(sample.began + 60_000);
  feed.emit(...booting(sample), ...running(sample, 0.3));
  await page.goto(feed.board.url);
  await page.locator('canvas').scrollIntoViewIfNeeded();
  await expect.poll(() => page.evaluate(COLOURS)).toBeGreaterThan(6);
  const first = await page.evaluate(PIXELS);
  await page.clock.setFixedTime(sample.began + 61_500);
  await expect.poll(() => page.evaluate(PIXELS)).not.toBe(first);
  const all = running(sample, 0.6);
  // A rewind, whose test still goes on: nothing else happens in its lane.
  const last = all.findLastIndex(({ type }) => type === 'rewound');
  for (const some of [all.slice(running(sample, 0.3).length, last), all.slice(last, last + 1)]) {
    const before = await page.evaluate(PIXELS);
    feed.emit(...some);
    await expect.poll(() => page.evaluate(PIXELS)).not.toBe(before);
    await page.evaluate(TWO_FRAMES);
  }
  const pieces = await page.evaluate(PIXELS);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expect.poll(() => page.evaluate(PIXELS)).not.toBe(pieces);
  await page.emulateMedia({ colorScheme: 'light' });
  await expect.poll(() => page.evaluate(PIXELS)).toBe(pieces);
});

test('titles, logs and names of others are text: nothing runs, nothing is loaded, the layout holds', async () => {
  const evil = `</script><img src=x onerror="document.title='owned'"><style>*{display:none}</style>`;
  const long = `${evil} ${'W'.repeat(5_000)} \u202e \u0000`;
  const ref = {
    id: 'e',
    title: long,
    titlePath: ['__proto__', long],
    file: `${evil}.spec.ts`,
    project: evil,
    retry: 0,
  };
  const of = { at: 1, run: 'r', slot: 0, variant: 'default' } as const;
  const events: StampedEvent[] = [
    { ...of, type: 'run-started', run: evil, workers: 1, folder: '', reaper: 1 },
    { ...of, type: 'step-began', step: evil },
    { ...of, type: 'step-output', step: evil, lines: [long, evil] },
    { ...of, type: 'tests-planned', tests: [ref], workers: 1, isFullyParallel: true },
    {
      ...{
        ...of,
        type: 'stack-opened',
        database: evil,
        url: `javascript:document.title='owned'//${evil}`,
        again: false,
      },
      ...{
        servers: [{ name: evil, pid: 1, port: 1 }],
        ms: { clone: 1, worktree: 0, prepare: 0, servers: {}, total: 1 },
      },
    },
    { ...of, type: 'leased', worker: 0, database: evil, ms: 0 },
    { ...of, type: 'lock-taken', worker: 0, name: evil, mode: 'read', test: ref },
    { ...of, type: 'server-exited', server: evil, pid: 1, test: ref, when: 'during', message: long },
    { ...of, type: 'test-started', test: ref, worker: 0 },
    {
      ...of,
      type: 'test-result',
      test: ref,
      worker: 0,
      outcome: 'failed',
      isFinal: true,
      ms: 1,
      errors: [{ message: long, at: evil }],
    },
    { ...of, type: 'run-broken', message: long },
  ];
  const requests: string[] = [];
  page.on('request', (request) => requests.push(request.url().replace(feed.board.url, '')));
  await page.goto(feed.board.url);
  feed.emit(...events);
  await expect(page.getByRole('region', { name: /^Failures/ }).first()).toContainText(evil);
  await expect(page.getByRole('link')).toHaveCount(0);
  await expect(page.locator('img, style')).toHaveCount(0);
  expect(await page.title()).toBe('playwright-stacks');
  expect(await page.evaluate(WIDER)).toEqual([]);
  expect(new Set(requests)).toEqual(new Set(['', 'board.js', 'board.css', 'events']));
});

/** A way to the board that can be cut, and mended. */
async function cuttable(address: string) {
  const { port, pathname } = new URL(address);
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    const onward = connect(Number(port), '127.0.0.1');
    for (const each of [socket, onward]) sockets.add(each.on('error', () => {}));
    socket.pipe(onward).pipe(socket);
  });
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, '127.0.0.1', resolve));
  await listen(0);
  const own = (server.address() as AddressInfo).port;
  const cut = async () => {
    const closed = new Promise((resolve) => server.close(resolve));
    for (const socket of sockets) socket.destroy();
    sockets.clear();
    await closed;
  };
  return { url: `http://127.0.0.1:${own}${pathname}`, cut, mend: () => listen(own) };
}

/** How many colours a canvas shows. */
const COLOURS = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  const seen = new Map();
  for (const colour of new Uint32Array(data.buffer)) seen.set(colour, (seen.get(colour) ?? 0) + 1);
  return [...seen.values()].filter((count) => count > 40).length;
})()`;

/** What a canvas shows, as a number. */
const PIXELS = `(() => {
  const canvas = document.querySelector('canvas');
  const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
  return new Uint32Array(data.buffer).reduce((sum, colour) => (Math.imul(sum, 31) + colour) | 0, 0);
})()`;

const TWO_FRAMES = `new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)))`;

/** Elements that reach beyond the window. */
const WIDER = `[...document.querySelectorAll('*')].filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
  .map(({ tagName, className }) => tagName + '.' + className)`;

async function noViolation(): Promise<void> {
  expect(await page.evaluate(AXE)).toEqual([]);
}
