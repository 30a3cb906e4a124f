// Connections to Postgres that the user's code keeps open in Playwright's own processes, when their database goes.
import { configText } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

test('a pool left open by a step, by globalSetup or by a test file breaks nothing, and the run says whose it was', {
  tag: '@matrix',
}, async ({ project, run }) => {
  const left = (listener: string) => `
    import pg from 'pg';
    export const open = async (connectionString) => {
      const pool = new pg.Pool({ connectionString, idleTimeoutMillis: 0 });
      ${listener}
      await pool.query('SELECT 1');
      return pool;
    };
  `;
  const files = {
    // As node-postgres' documentation has it.
    'exits.ts': left(`pool.on('error', () => process.exit(-1));`),
    'silent.ts': left(''),
    'playwright.config.ts': configText({
      before: `import { open } from './exits';`,
      config: `globalSetup: './set-up.ts', globalTeardown: './tear-down.ts'`,
      database: `migrate: 'node sql.mjs migrations', seed: async ({ url }) => void (await open(url)), inputs: ['migrations/**']`,
    }),
    'set-up.ts': `
      import { open } from './silent';
      export default async () => { globalThis.left = await open(process.env.DATABASE_URL); };
    `,
    'tear-down.ts': `
      export default async () => {
        const { rows } = await globalThis.left.query('SELECT count(*)::int AS n FROM items');
        console.log('globalTeardown sees', rows[0].n);
      };
    `,
    'e2e/a.spec.ts': `
      import { expect, test } from '@playwright/test';
      import { open } from '../exits';
      const pool = open(process.env.DATABASE_URL);
      const count = async () => (await (await pool).query('SELECT count(*)::int AS n FROM items')).rows[0].n;
      test('changes the schema', async () => {
        expect(await count()).toBe(0);
        await (await pool).query('ALTER TABLE items ADD COLUMN extra int');
      });
      test('finds its pool usable', async () => expect(await count()).toBe(0));
    `,
    ...Object.fromEntries(['b', 'c', 'd'].map((name) => [`e2e/${name}.spec.ts`, ''])),
  };
  const { output, exitCode } = await run(await project('mini', { files }), ['--workers=1'], { timeout: 120_000 });
  expect(output).toContain('2 passed');
  expect(output).toContain('globalTeardown sees 0');
  for (const owner of [
    '`database.seed`',
    '`globalSetup`, or what it or the config imports,',
    'a.spec.ts, or what it imports,',
  ]) {
    expect(output.split(`${owner} left a connection to Postgres open`)).toHaveLength(2);
  }
  expect(exitCode).toBe(0);
});
