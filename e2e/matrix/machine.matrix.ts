// Two runs at once on one machine, which share its slots.
import path from 'node:path';
import { test } from '../harness/cli.ts';
import { configText, only } from '../harness/config-text.ts';
import { expect, type Project, type Running } from '../harness/test.ts';

test.describe.configure({ timeout: 300_000 });
test.use({ templates: 'shared' });

/** Three tests that hold a slot each until the other run has waited; then six that are counted. */
const FIRST = only(`
  import { appendFileSync, existsSync, writeFileSync } from 'node:fs';
  import { expect, test } from '@playwright/test';
  const until = (look, timeout = 100_000) => expect.poll(look, { timeout, intervals: [20] }).toBe(true);
  const shared = (name) => process.env.SHARED + '/' + name;
  for (const name of ['0', '1', '2']) {
    test('holds ' + name, async () => {
      test.setTimeout(120_000);
      writeFileSync(shared('holds-' + name), '');
      await until(() => ['0', '1', '2'].every((each) => existsSync(shared('holds-' + each))));
      await until(() => existsSync(shared('go-on')));
    });
  }
  ${counted('first')}
`);
/** One that holds the slot which this run has in any case, so that all others wait; then six that are counted. */
const SECOND = only(`
  import { appendFileSync, existsSync } from 'node:fs';
  import { expect, test } from '@playwright/test';
  const shared = (name) => process.env.SHARED + '/' + name;
  test('holds', async () => {
    test.setTimeout(120_000);
    await expect.poll(() => existsSync(shared('go-on')), { timeout: 100_000, intervals: [20] }).toBe(true);
  });
  ${counted('second')}
`);

/** Each writes a line when it begins and when it ends. */
function counted(run: string): string {
  return `
    for (let index = 0; index < 6; index += 1) {
      test('is counted ' + index, async () => {
        const line = (what) => appendFileSync(shared('lines'), what + ' ${run}\\n');
        line('begins');
        const end = Date.now() + 700;
        await expect.poll(() => Date.now() > end, { intervals: [50] }).toBe(true);
        line('ends');
      });
    }
  `;
}

const SHARED = { 'shared/none': '' };
const mayWrite = ['shared/'];

/** Nobody else's runs are met, and both find the folder in which they note what they do. */
function envOf({ folder }: Project, tmp: string): Record<string, string> {
  const meeting = path.join(tmp, 'slots');
  return { SHARED: path.join(folder, 'shared'), STACKS_MACHINE_SLOTS: '', PLAYWRIGHT_STACKS_MACHINE: meeting };
}

/** Less than the second run's tests wait. */
const TIMEOUT_MS = 9_000;

const textOf = (timeout: number) =>
  configText({ config: `fullyParallel: true, timeout: ${timeout}`, server: '', options: 'machine: { slots: 2 },' });
const waits = ({ type }: { readonly type: string }) => type === 'machine-waits';

test('both are green; the first is not limited while it is alone; then no more groups run at once than there are slots, and waiting takes nothing from a test’s timeout', async ({
  project,
  start,
  cli,
  sandbox,
}) => {
  const one = await project('mini', {
    files: { ...FIRST, ...SHARED, 'playwright.config.ts': textOf(20_000) },
    mayWrite,
  });
  const env = envOf(one, sandbox.scope.tmp);
  const two = await project('mini', { files: { ...SECOND, 'playwright.config.ts': textOf(TIMEOUT_MS) } });
  const first = await start(one, ['--workers=3'], { env, timeout: 400_000 });
  await untilAllHold(first);
  expect(first.events().filter(waits), 'three groups on two slots').toEqual([]);

  const second = await start(two, ['--workers=3'], { env, timeout: 400_000 });
  const told = await second.waitForEvent(waits, 200_000);
  const [firstRun, secondRun] = [await keyOf(first), await keyOf(second)];
  expect(told).toMatchObject({ slots: 2, again: false });
  const slots = JSON.parse(await statusOf(['--json'])).runs.map((each: { run: string; slots: unknown }) => [
    each.run,
    each.slots,
  ]);
  expect(Object.fromEntries(slots)).toMatchObject({ [firstRun]: { held: 3, waiting: 0, of: 2 } });
  expect(await statusOf([])).toMatch(/slots +3 of the 2 of this machine\n/);

  // What begins before all that the first run had are over is not counted.
  const overTime = Date.now() + TIMEOUT_MS + 3_000;
  await expect.poll(() => Date.now() > overTime, { timeout: 60_000 }).toBe(true);
  await one.write('shared/go-on', '');
  const [a, b] = [await first.done, await second.done];
  expect([a.exitCode, b.exitCode], a.output + b.output).toEqual([0, 0]);
  expect(b.output).toMatch(
    new RegExp(
      `slot \\d is waiting: all 2 slots of this machine are in use, by run ${firstRun} in ${one.folder} \\(3\\)`,
    ),
  );
  const waited = b.events.flatMap((event) => (event.type === 'machine-taken' ? [event.ms] : []));
  expect(Math.max(...waited)).toBeGreaterThan(TIMEOUT_MS);
  expect(b.events.filter(({ run }) => run === secondRun).length).toBeGreaterThan(0);
  const counted = b.events.flatMap((event) =>
    event.type === 'test-result' && event.test.title.startsWith('is counted') ? [event.ms] : [],
  );
  expect(counted).toHaveLength(6);
  expect(Math.max(...counted), 'nor is it a part of how long they took').toBeLessThan(Math.max(...waited));

  const lines = (await one.read('shared/lines')).trim().split('\n');
  const firstCounts = lines.findIndex((line) => line.endsWith('first'));
  const lastBoth = Math.min(lines.lastIndexOf('ends first'), lines.lastIndexOf('ends second'));
  let [running, most] = [0, 0];
  for (const [index, line] of lines.entries()) {
    running += line.startsWith('begins') ? 1 : -1;
    if (index >= firstCounts && index <= lastBoth) most = Math.max(most, running);
  }
  // The last of the three that held may still have been at work when the first that is counted began.
  expect(most, lines.join(', ')).toBeLessThanOrEqual(2);

  async function statusOf(args: readonly string[]): Promise<string> {
    const child = await cli(['status', ...args], { cwd: one.folder, env });
    expect((await child.exit).exitCode).toBe(0);
    return child.stdout();
  }
});

test('a run that is killed frees its slots at once', async ({ project, start, sandbox }) => {
  const one = await project('mini', {
    files: { ...FIRST, ...SHARED, 'playwright.config.ts': textOf(20_000) },
    mayWrite,
  });
  const env = envOf(one, sandbox.scope.tmp);
  const two = await project('mini', { files: { ...SECOND, 'playwright.config.ts': textOf(20_000) } });
  const first = await start(one, ['--workers=3'], { env, timeout: 400_000 });
  await untilAllHold(first);
  const second = await start(two, ['--workers=3'], { env, timeout: 400_000 });
  await second.waitForEvent(waits, 200_000);
  first.kill('SIGKILL', 'group');
  await one.write('shared/go-on', '');
  const result = await second.done;
  expect(result.exitCode, result.output).toBe(0);
  await first.done;
});

async function keyOf(running: Running): Promise<string> {
  return (await running.waitForEvent(({ type }) => type === 'run-started')).run;
}

/** The three tests that hold a slot are at work. */
async function untilAllHold(running: Running): Promise<void> {
  const begun = () => running.events().filter(({ type }) => type === 'test-began').length;
  await running.waitForEvent(() => begun() === 3, 200_000);
}
