// The projects of the rounds: a victim that writes and is rewound in two workers, and a bystander that looks at its own
// database again and again until it is told to stop.
import { randomBytes } from 'node:crypto';
import { appendFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { configText, miniDatabase } from '../harness/config-text.ts';
import type { Project } from '../harness/project.ts';
import type { RunResult } from '../harness/run.ts';
import type { Sandbox } from '../harness/sandbox.ts';

export const SERVERS = ['embedded', 'existing'] as const;
export type ServerKind = (typeof SERVERS)[number];

const writes = `
  import { expect, test } from '@playwright/test';
  for (let number = 0; number < 40; number += 1) {
    test('adds an item, time ' + number, async ({ request }) => {
      await request.post('/items', { data: 'x' });
      expect(await (await request.get('/items')).json()).toHaveLength(2);
    });
  }
`;
const looks = `
  import { existsSync } from 'node:fs';
  import { expect, test } from '@playwright/test';
  test('is alone', async ({ request }) => {
    test.setTimeout(0);
    await request.post('/items', { data: 'mine' });
    const before = await (await request.get('/whoami')).json();
    while (!existsSync('stop')) {
      expect(await (await request.get('/items')).json()).toHaveLength(2);
      expect(await (await request.get('/whoami')).json()).toEqual(before);
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  });
`;

/** How many tests a victim has, in its two files. */
export const TESTS = 80;

/** @param leaves its seed and a server leave daemons, where the environment asks for it */
export function makeProject(
  sandbox: Sandbox,
  kind: ServerKind,
  leaves: 'daemons' | 'nothing' = 'nothing',
): Promise<Project> {
  const daemon = '[ -z "$DAEMONS" ] || setsid --fork sleep 1000';
  const own = leaves === 'daemons' ? miniDatabase.replace('sql.mjs seed', `sql.mjs seed; ${daemon}`) : miniDatabase;
  const database = kind === 'existing' ? `url: process.env.TEST_URL, ${own}` : own;
  const server = leaves === 'daemons' ? `{ command: '${daemon}; exec node app.mjs', url: '/healthz' }` : undefined;
  const files = {
    'playwright.config.ts': configText({ database, config: "reporter: 'line',", ...(server && { server }) }),
    ...{ 'e2e/a.spec.ts': writes, 'e2e/b.spec.ts': writes, 'e2e/c.spec.ts': looks, 'e2e/d.spec.ts': '' },
  };
  return sandbox.project('mini', { files, mayWrite: ['stop'] });
}

/** Another fingerprint: the next run migrates. */
export async function change(project: Project): Promise<void> {
  await appendFile(path.join(project.folder, 'sql.mjs'), `// ${randomBytes(4).toString('hex')}\n`);
}

export interface Bystander {
  readonly ended: () => boolean;
  readonly output: () => string;
  /** Says how it ended. */
  readonly stop: () => Promise<RunResult>;
}

/** In a project of its own. */
export async function makeBystander(sandbox: Sandbox, kind: ServerKind, url: string): Promise<Bystander> {
  return startBystander(sandbox, await makeProject(sandbox, kind), url);
}

export async function startBystander(sandbox: Sandbox, project: Project, url: string): Promise<Bystander> {
  await rm(path.join(project.folder, 'stop'), { force: true });
  const options = { env: { TEST_URL: url }, timeout: 7_200_000 };
  const running = await sandbox.start(project, ['c.spec', '--workers=1', '--output=test-results/other'], options);
  await running.waitForEvent((event) => event.type === 'test-began', 300_000);
  return {
    ended: running.ended,
    output: running.output,
    stop: async () => {
      await project.write('stop', '');
      return running.done;
    },
  };
}
