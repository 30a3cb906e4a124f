// Roles of an existing server: what those may have rewound that may not set session_replication_role.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/role.ts';

const rights = [
  { title: 'what takes more rights costs a fresh clone, and is named', granted: false, details: { tag: '@matrix' } },
  {
    title: 'what takes the right to set session_replication_role is rewound, too',
    granted: true,
    details: { tag: '@matrix' },
  },
];
for (const { title, granted, details } of rights)
  test(
    `a role with only CREATEDB rewinds, set-up projects too; ${title}`,
    details,
    async ({ project, run, existingServer, role }) => {
      const { name, url } = await role('CREATEDB');
      const names = `const names = async (request) => (await (await request.get('/items')).json()).map(({ name }) => name);`;
      const files = {
        'playwright.config.ts': configText({
          config: `projects: [{ name: 'setup', testMatch: 'a.spec.ts' }, { name: 'rest', testMatch: 'b.spec.ts', dependencies: ['setup'] }]`,
        }),
        'migrations/002_ruled.sql': 'CREATE TABLE ruled (id int); CREATE RULE r AS ON DELETE TO ruled DO ALSO NOTHING;',
        ...only(`
      import { test } from '@playwright/test';
      test('sets up', ({ request }) => request.post('/items', { data: 'of setup' }));`),
        'e2e/b.spec.ts': `
      import { expect, test } from 'playwright-stacks';
      ${names}
      for (const n of [1, 2]) {
        test('adds ' + n, async ({ request }) => {
          expect(await names(request)).toEqual(['seeded', 'of setup']);
          await request.post('/items', { data: 'mine' });
        });
      }
      test('writes under a rule', ({ db }) => db.query('INSERT INTO ruled VALUES (1)'));
      test('finds nothing of it', async ({ request, db }) => {
        expect(await names(request)).toEqual(['seeded', 'of setup']);
        expect((await db.query('SELECT FROM ruled')).rows).toEqual([]);
      });`,
      };
      const grant = `SET ON PARAMETER session_replication_role`;
      if (granted) await existingServer.adminQuery(`GRANT ${grant} TO "${name}"`);
      const { output, events } = await run(await project('mini', { files }), ['--workers=1'], {
        env: { STACKS_DATABASE_URL: url },
      });
      if (granted) await existingServer.adminQuery(`REVOKE ${grant} FROM "${name}"`);
      expect(output).toContain('5 passed');
      const steps = events.flatMap((event) =>
        event.type === 'stack-opened' || event.type === 'rewind-impossible' ? [event.type] : [],
      );
      expect(steps).toEqual(granted ? ['stack-opened'] : ['stack-opened', 'stack-opened', 'rewind-impossible']);
      if (granted) return;
      expect(output).toMatch(
        /'writes under a rule' cannot be rewound \(privilege: public\.ruled has a rule, which fires for a role that may not set session_replication_role\): the stack was opened anew in \d+ ms \(clone \d+, web \d+\); a superuser changes that: GRANT SET ON PARAMETER/,
      );
    },
  );

test('a role that does not own the tables cannot capture what is written to them: one clear error', async ({
  project,
  run,
  existingServer,
  role,
}) => {
  const { url } = await role('CREATEDB');
  const migrate = `migrate: async ({ url }) => {
    const client = new pg.Client({ connectionString: Object.assign(new URL(process.env.ADMIN_URL), { pathname: new URL(url).pathname }).href });
    await client.connect();
    await client.query('CREATE TABLE theirs (id int)');
    await client.end();
  }`;
  const files = { 'playwright.config.ts': configText({ database: migrate, before: `import pg from 'pg';` }) };
  const env = { STACKS_DATABASE_URL: url, ADMIN_URL: existingServer.url };
  const { output, exitCode } = await run(await project('mini', { files }), [], { env });
  expect(output).toMatch(
    /REWIND_PRIVILEGE: this role may not capture what is written: .*theirs\.\n +hint: let `database\.migrate` and the application connect as the role/,
  );
  expect(exitCode).toBe(1);
});
