// Several databases for each stack: their templates, their variables, their clones, rewound together.
import { configText, miniDatabase, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

const databases = `databases: {
  main: { ${miniDatabase} },
  audit: {
    migrate: 'node sql.mjs audit', seed: 'node sql.mjs seed-audit', inputs: ['audit/**', 'seed-audit/**'],
    env: 'AUDIT_URL', extensions: ['citext'], prepare: 'node sql.mjs prepare-audit',
  },
  reports: { empty: true, migrate: ({ env }) => { if (env.REPORTS_DATABASE_URL !== env.DATABASE_URL) throw new Error('whose?'); } },
},`;

const spec = `
  import { expect, test as base } from 'playwright-stacks';
  import pg from 'pg';

  async function query(url, sql) {
    const client = new pg.Client(url);
    await client.connect();
    const { rows } = await client.query(sql);
    await client.end();
    return rows;
  }

  // No stack is leased yet, and no server awaited: the databases are there.
  const atTop = query(process.env.AUDIT_URL, 'SELECT text FROM entries ORDER BY id');

  const test = base.extend({
    seeded: [async ({}, use) => {
      const response = await fetch(process.env.PLAYWRIGHT_TEST_BASE_URL + '/items');
      await use((await response.json()).length);
    }, { scope: 'worker', auto: true }],
  });

  for (const file of ['first', 'second']) {
    test(file + ' writes to two', async ({ db, stack, request, seeded }) => {
      expect((await atTop).map(({ text }) => text)).toEqual(['seeded', 'prepared']);
      expect(seeded).toBe(1);
      expect(process.env.AUDIT_URL).toBe(stack.database('audit').url);
      expect(stack.env).toMatchObject({ AUDIT_URL: process.env.AUDIT_URL, MAIN_DATABASE_URL: stack.db.url, DATABASE_URL: stack.db.url });
      const { database, audit } = await (await request.get('/whoami')).json();
      expect(database).toBe(stack.key);
      const entries = await query(process.env.AUDIT_URL, 'SELECT text, current_database() AS database FROM entries ORDER BY id');
      expect(entries.map(({ text }) => text)).toEqual(['seeded', 'prepared']);
      expect(entries[0].database).toBe(stack.key + '__audit');
      await query(process.env.AUDIT_URL, "INSERT INTO entries (text) VALUES ('mine')");
      await db.query("INSERT INTO items (name) VALUES ('mine')");
      expect(await db.changes()).toMatchObject([
        { table: 'public.items', op: 'insert', after: { name: 'mine' } },
        { database: 'audit', table: 'public.entries', op: 'insert', after: { text: 'mine' } },
      ]);
      expect((await db.query('SELECT count(*)::int AS n FROM items')).rows).toEqual([{ n: 2 }]);
      expect(await query(process.env.REPORTS_DATABASE_URL, 'SELECT current_database() AS name')).toEqual([{ name: stack.key + '__reports' }]);
      expect(() => stack.database('other')).toThrow("the stack has no database 'other'.\\n  hint: known are: main, audit, reports.");
    });
  }
`;

const files = {
  'playwright.config.ts': configText({
    options: databases,
    server: `{ command: 'sleep 1; exec node app.mjs', url: '/healthz' }`,
  }).replace(/database: \{.*\},\n/, ''),
  'audit/1.sql': 'CREATE TABLE entries (id serial PRIMARY KEY, text citext)',
  'seed-audit/1.sql': `INSERT INTO entries (text) VALUES ('seeded')`,
  'prepare-audit/1.sql': `INSERT INTO entries (text) VALUES ('prepared')`,
  ...only(spec),
};

for (const [where, details] of [
  ['the embedded server', {}],
  ['an existing server', { tag: '@matrix' }],
] as const) {
  test(
    `a stack has several, each with its own template, variable and clone, rewound together; a file’s top level finds them, a worker fixture the server; ${where}`,
    details,
    async ({ project, run, existingServer }) => {
      const env = { STACKS_DATABASE_URL: where === 'an existing server' ? existingServer.url : undefined };
      const { output, events, exitCode } = await run(await project('mini', { files }), ['--workers=1'], { env });
      expect(output).toContain('2 passed');
      expect(exitCode).toBe(0);
      expect(events.filter(({ type }) => type === 'stack-opened')).toHaveLength(1);
      const templates = events.filter((event) => event.type === 'template-ready');
      expect(new Set(templates.map(({ database }) => database)).size).toBe(3);
      expect(templates.map(({ reusable }) => reusable)).toEqual([true, true, false]);
    },
  );
}
