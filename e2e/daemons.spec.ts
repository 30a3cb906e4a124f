// Daemons: what the run's commands and servers leave running, in sessions of their own, ends with the run. That nothing of
// it is left is what the look after every test shows.
import { copyFile } from 'node:fs/promises';
import path from 'node:path';
import { configText, only } from './harness/config-text.ts';
import { root } from './harness/home.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

test('daemons of build, migrate, seed, prepare and of a server end with the run, which says so', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const daemon = (name: string) => `setsid --fork sleep 6${name.length} && touch ${name}`;
  const leaves = 'leaves-daemons.mjs';
  const names = ['build', 'migrate', 'seed', 'prepare'];
  const config = configText({
    database: `
      migrate: 'node sql.mjs migrations && ${daemon('migrate')}',
      seed: 'node sql.mjs seed && ${daemon('seed')}',
      prepare: '${daemon('prepare')}'`,
    server: `[
      { name: 'web', command: 'node app.mjs', url: '/healthz' },
      { name: 'leaves', command: 'node ${leaves} pids', wait: { stdout: /started/ } },
    ]`,
    options: `build: '${daemon('build')}',`,
  });
  const passes = `
    import { expect, test } from '@playwright/test';
    test('passes', async ({ request }) => expect(await (await request.get('/items')).json()).toHaveLength(1));
  `;
  const files = { ...only(passes), 'playwright.config.ts': config };
  const mini = await project('mini', { files, mayWrite: [...names, 'pids', leaves] });
  await copyFile(path.join(root, 'fixtures/programs', leaves), path.join(mini.folder, leaves));
  const { exitCode, output, events } = await run(mini, ['--workers=1']);
  expect(exitCode).toBe(0);
  expect((await mini.read('pids')).trim().split('\n')).toHaveLength(2);
  const reaped = events.flatMap((event) => (event.type === 'reaped' ? event.removed : []));
  expect(reaped).toEqual(['6 processes (sleep)']);
  expect(output).toContain('[stacks] ended processes that commands and servers had left running: 6 processes (sleep)');
});
