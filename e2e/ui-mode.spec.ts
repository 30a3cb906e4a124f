// Playwright's UI mode in a real browser.
import { launch } from '../src/testing/browser.ts';
import { expect, type Running, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('UI mode runs a test again on the stack that it left, by a click or when its watched file changes; the board serves there', async ({
  project,
  start,
}) => {
  const args = ['--ui-host=127.0.0.1', '--ui-port=0', '--workers=1'];
  const mini = await project('mini', { mayWrite: ['e2e/a.spec.ts'] });
  const ui = await start(mini, args, { env: { STACKS_BOARD: '1' }, timeout: 120_000 });
  const [, url = ''] = await ui.waitForOutput(/Listening on (http:\S+)/);
  const printed: string[] = [];
  const watch = { asked: new Set<number>(), answered: new Set<number>() };
  // Not the fixture's: an option of it would give this file a worker of its own, which comes after all others.
  await using browser = await launch();
  const page = await (await browser.newContext()).newPage();
  page.on('websocket', (socket) => {
    socket.on('framesent', ({ payload }) => {
      const { id, method, params } = JSON.parse(String(payload));
      if (method === 'watch' && params.fileNames.length > 0) watch.asked.add(id);
    });
    socket.on('framereceived', ({ payload }) => {
      const message = JSON.parse(String(payload));
      watch.answered.add(message.id);
      printed.push(boardIn(message));
    });
  });
  await page.goto(url);
  const one = page.getByRole('treeitem', { name: 'adds an item that every file adds' }).first();
  for (const times of [1, 2]) {
    await one.hover();
    await one.getByRole('button', { name: 'Run' }).click();
    await expect.poll(() => ended(ui), { timeout: 30_000 }).toBe(times);
    await expect(one).toHaveAccessibleName(/icon-check/);
  }
  await expect(page.getByTestId('status-line')).toContainText('1 passed');
  await one.hover();
  await one.getByRole('button', { name: 'Watch' }).click();
  // Playwright opens its watchers anew for that, and an edit that comes meanwhile is lost.
  await expect.poll(() => [...watch.asked].some((id) => watch.answered.has(id))).toBe(true);
  await mini.write('e2e/a.spec.ts', `${await mini.read('e2e/a.spec.ts')}// edited\n`);
  await expect.poll(() => ended(ui), { timeout: 30_000 }).toBe(3);
  await expect(one).toHaveAccessibleName(/icon-check/);
  expect(openings(ui)).toHaveLength(1);

  const board = await page.context().newPage();
  const [address = '', ...others] = printed.filter(Boolean);
  expect(others).toEqual([]);
  await board.goto(address);
  await expect(board.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '1 of 1');
  await expect(board.getByRole('article', { name: 'slot 0' })).toContainText('ready');
  await expect(board.getByRole('article', { name: 'slot 0' })).toContainText(
    /healthy, pid \d+, \d+ MB.*[1-9]\d* connections?/,
  );
  // What the clicks before have kept.
  const [earlier] = Object.values(earlierRuns(ui));
  expect(earlier).toMatchObject({ passed: 2, failed: 0 });
  ui.kill('SIGINT');
  expect((await ui.done).exitCode).toBe(130);
});

function ended(ui: Running): number {
  return ui.events().filter(({ type }) => type === 'test-ended').length;
}

/** Of slot 0: another one would have another server. */
function openings(ui: Running): readonly object[] {
  return ui.events().filter((event) => event.type === 'stack-opened' && event.slot === 0);
}

/** What the last click knew of its tests. */
function earlierRuns(ui: Running) {
  const known = ui.events().flatMap((event) => (event.type === 'earlier-runs' ? [event.tests] : []));
  return known.at(-1) ?? {};
}

/** The board's address, where UI mode is sent what the runner prints. */
function boardIn({
  method,
  params,
}: {
  readonly method?: string;
  readonly params?: { readonly text?: string };
}): string {
  return (method === 'stdio' && /\[stacks\] board: (http:\S+)/.exec(params?.text ?? '')?.[1]) || '';
}
