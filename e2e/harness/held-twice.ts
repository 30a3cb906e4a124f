// After -x Playwright does not wait for a worker that has run out of tests: it still tears down when a worker of the next
// phase has its slot, too.
import { expect } from '@playwright/test';
import type { Project } from './project.ts';
import type { Running } from './run.ts';
import { unixSockets } from './sockets.ts';

/** Over fixtures/mini; `mayWrite` goes with it. */
export const heldTwice: Readonly<Record<string, string>> = {
  'e2e/a.spec.ts': `
    import { existsSync, writeFileSync } from 'node:fs';
    import { test as base } from '@playwright/test';
    const test = base.extend({
      slow: [async ({}, use) => {
        await use();
        writeFileSync('tearing-down', '');
        while (!existsSync('go')) await new Promise((resolve) => setTimeout(resolve, 20));
      }, { scope: 'worker', auto: true, timeout: 60_000 }],
    });
    test('passes', async ({ request }) => {
      await request.post('/items', { data: 'mine' });
    });
  `,
  'e2e/b.spec.ts': `
    import { existsSync } from 'node:fs';
    import { expect, test } from '@playwright/test';
    test('fails', async () => {
      await expect.poll(() => existsSync('tearing-down'), { timeout: 15_000 }).toBe(true);
      expect(1).toBe(2);
    });
  `,
  'e2e/c.spec.ts': `import { test } from '@playwright/test'; test('sets up', () => {});`,
  'e2e/d.spec.ts': `
    import { writeFileSync } from 'node:fs';
    import { expect, test } from '@playwright/test';
    if (process.env.TEST_PARALLEL_INDEX) writeFileSync('second', process.env.TEST_PARALLEL_INDEX);
    test('has the stack as every test', async ({ request }) => {
      expect(await (await request.get('/items')).json()).toHaveLength(1);
    });
  `,
};
export const heldTwiceProjects = `projects: [
  { name: 'setup', testMatch: 'c.spec.ts', teardown: 'cleanup' },
  { name: 'main', testMatch: /[ab]\\.spec/, dependencies: ['setup'] },
  { name: 'cleanup', testMatch: 'd.spec.ts' },
],`;
export const heldTwiceWrites: readonly string[] = ['tearing-down', 'second', 'go'];

/** Lets the first holder go once the second asks for the same stack. */
export async function holdTwice(mini: Project, running: Running): Promise<void> {
  await expect.poll(() => mini.read('second').catch(() => 'not yet'), { timeout: 60_000 }).toBe('0');
  const began = running.events().find((event) => event.type === 'run-started');
  const socket = began?.type === 'run-started' ? `${began.folder}/lease.sock` : '';
  // The listener and both workers.
  await expect.poll(() => unixSockets().filter(({ address }) => address === socket).length).toBeGreaterThanOrEqual(3);
  await mini.write('go', '');
}

/** Who had slot 0 from then to when, as in "leased 0, released 0". */
export function holders(running: Running): string {
  const steps = running.events().filter((event) => event.type === 'leased' || event.type === 'released');
  return steps.flatMap((event) => ('slot' in event && event.slot === 0 ? event.type : [])).join(', ');
}
