// Tests of one suite that damage what is ours: each is named, and the next one is fine. src/worker/damaged.test.ts has them
// one by one, also where a hook does it or the worker ends.
import { configText, only } from './harness/config-text.ts';
import { expect, test } from './harness/role.ts';

/** What a test does, by its title; `reason` undefined: nothing is wrong after it. */
const DAMAGES: readonly (readonly [title: string, deed: string, reason: string | undefined])[] = [
  ['drops our schema', `await db.query('DROP SCHEMA playwright_stacks CASCADE');`, 'capture'],
  [
    'drops all schemas',
    `await db.query('DROP SCHEMA playwright_stacks CASCADE; DROP SCHEMA public CASCADE');`,
    'capture',
  ],
  [
    'empties our tables',
    `await db.query('TRUNCATE playwright_stacks.log, playwright_stacks.kept, playwright_stacks.broken, playwright_stacks.marks, playwright_stacks.info');`,
    'capture',
  ],
  ['renames the clone', 'await beside("ALTER DATABASE % RENAME TO %_x");', 'database'],
  ['drops the clone', 'await beside("DROP DATABASE %");', 'database'],
  ['makes the clone anew', 'await beside("DROP DATABASE %"); await beside("CREATE DATABASE %");', 'database'],
  ['closes the clone', 'await beside("ALTER DATABASE % ALLOW_CONNECTIONS false");', 'database'],
  ['restores a dump over it', 'restore();', 'capture'],
  ['ends our sessions', 'await beside("SELECT 1");', undefined],
];

for (const attributes of ['CREATEDB', 'SUPERUSER']) {
  test(`tests that damage what is ours are named, and the next ones are fine; the role has ${attributes}`, {
    tag: '@matrix',
  }, async ({ project, run, role }) => {
    const { url } = await role(attributes);
    const spec = `
      import { execFileSync } from 'node:child_process';
      import pg from 'pg';
      import { expect, test } from 'playwright-stacks';
      for (const [title, deed] of [${DAMAGES.map(([title, deed]) => `[${JSON.stringify(title)}, async ({ db, beside, restore }) => { ${deed} }]`)}]) {
        test(title, async ({ db, stack, request }) => {
          await request.post('/items', { data: 'mine' });
          const { pathname } = new URL(stack.db.url);
          const name = pathname.slice(1);
          const beside = async (statement) => {
            const client = new pg.Client(Object.assign(new URL(stack.db.url), { pathname: '/postgres' }).href);
            await client.connect();
            const others = 'FROM pg_stat_activity WHERE datname = $1';
            await client.query('SELECT pg_terminate_backend(pid) ' + others, [name]);
            while ((await client.query('SELECT ' + others, [name])).rowCount > 0);
            await client.query(statement.replaceAll("%", name));
            await client.end();
          };
          const restore = () => {
            const tool = (name, ...args) => execFileSync('/usr/lib/postgresql/15/bin/' + name, [...args, '--dbname=' + stack.db.url]);
            tool('pg_dump', '--format=custom', '--file=test-results/dump');
            tool('pg_restore', '--clean', 'test-results/dump');
          };
          await deed({ db, beside, restore });
        });
        test(title + ': the next one is fine', async ({ db, request }) => {
          expect((await (await request.get('/items')).json()).map(({ name }) => name)).toEqual(['seeded']);
          await request.post('/items', { data: 'mine' });
          expect(await db.changes()).toHaveLength(1);
        });
      }`;
    const files = { 'playwright.config.ts': configText(), ...only(spec) };
    const mini = await project('mini', { files });
    const { output, events, exitCode } = await run(mini, ['--workers=1'], {
      env: { STACKS_DATABASE_URL: url },
      timeout: 120_000,
    });
    expect(output).toContain(`${2 * DAMAGES.length} passed`);
    expect(exitCode).toBe(0);
    const noticed = events.flatMap((event) =>
      event.type === 'rewind-impossible' ? [[event.test?.title, event.reason]] : [],
    );
    expect(noticed).toEqual(DAMAGES.flatMap(([title, , reason]) => (reason ? [[title, reason]] : [])));
    expect(output).toMatch(
      /'drops the clone' cannot be rewound \(database: it was dropped, renamed or closed: database "stk_\w+" does not exist\): the stack was opened anew in \d+ ms/,
    );
  });
}
