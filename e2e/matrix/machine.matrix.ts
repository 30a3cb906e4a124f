// Two runs at once on one machine, which share its slots.
import path from 'node:path';
import { configText, only } from '../harness/config-text.ts';
import { expect, type Project, type Running, test } from '../harness/test.ts';

test.describe.configure({ timeout: 300_000 });
test.use({ templates: 'shared' });

/** Three tests that hold a slot each until the other run is known and has waited; then six that are counted. */
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
const SECOND = only(`
  import { appendFileSync, writeFileSync } from 'node:fs';
  import { expect, test } from '@playwright/test';
  const shared = (name) => process.env.SHARED + '/' + name;
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

const textOf = (timeout: number) =>
  configText({ config: `fullyParallel: true, timeout: ${timeout}`, server: '', options: 'machine: { slots: 2 },' });
const waits = ({ type }: { readonly type: string }) => type === 'machine-waits';

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
  const result = await second.done;
  expect(result.exitCode, result.output).toBe(0);
  await first.done;
});

/** The three tests that hold a slot are at work. */
async function untilAllHold(running: Running): Promise<void> {
  const begun = () => running.events().filter(({ type }) => type === 'test-began').length;
  await running.waitForEvent(() => begun() === 3, 200_000);
}
