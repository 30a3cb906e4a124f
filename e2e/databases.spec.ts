// Several databases for each stack: their templates, their variables, their clones, rewound together.
import { configText, miniDatabase, only } from './harness/config-text.ts';
import { expect, test } from './harness/test.ts';

const databases = (ofMain: string) => `databases: {
  main: { ${miniDatabase}, ${ofMain} },
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

const config = (ofMain = '') => {
  const server = `{ command: 'sleep 1; exec node app.mjs', url: '/healthz' }`;
  return configText({ options: databases(ofMain), server }).replace(/database: \{.*\},\n/, '');
};

const files = {
  'playwright.config.ts': config(),
  'audit/1.sql': 'CREATE TABLE entries (id serial PRIMARY KEY, text citext)',
  'seed-audit/1.sql': `INSERT INTO entries (text) VALUES ('seeded')`,
  'prepare-audit/1.sql': `INSERT INTO entries (text) VALUES ('prepared')`,
  ...only(spec),
};

/** What belongs to a database beside its schema. */
const replayed = {
  'playwright.config.ts': config(`extensions: ['citext', 'pg_stat_statements'], prepare: async ({ url, env }) => {
    const { default: pg } = await import('pg');
    const client = new pg.Client(url);
    await client.connect();
    await client.query('INSERT INTO prepared VALUES ($1)', [env.PGDATABASE]);
    await client.end();
  }`),
  'migrations/002_rls.sql': `
    CREATE TABLE prepared (name text);
    CREATE TABLE secrets (id int, visible boolean);
    INSERT INTO secrets VALUES (1, true), (2, false);
    ALTER TABLE secrets ENABLE ROW LEVEL SECURITY;
    ALTER TABLE secrets FORCE ROW LEVEL SECURITY;
    CREATE POLICY visible ON secrets USING (visible);
  `,
  'migrations/003_settings.sql': `
    DO $$ BEGIN
      EXECUTE format('ALTER DATABASE %I SET search_path TO public, elsewhere', current_database());
      EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
      EXECUTE format('COMMENT ON DATABASE %I IS %L', current_database(), 'theirs');
    END $$;
  `,
  'e2e/b.spec.ts': `
    import { expect, test } from 'playwright-stacks';
    test('replayed', async ({ db }) => {
      const { rows } = await db.query(\`
        SELECT current_setting('search_path') AS path,
               has_database_privilege('public', current_database(), 'TEMPORARY') AS temporary,
               (SELECT count(*)::int FROM pg_extension WHERE extname IN ('citext', 'pg_stat_statements')) AS extensions,
               (SELECT name = current_database() FROM prepared) AS prepared\`);
      expect(rows).toEqual([{ path: 'public, elsewhere', temporary: false, extensions: 2, prepared: true }]);
    });
    test('policies hold', async ({ db }) => {
      expect((await db.query('SELECT id FROM secrets')).rows).toEqual([{ id: 1 }]);
      const { rows } = await db.query('SELECT rolsuper, rolbypassrls FROM pg_roles WHERE rolname = current_user');
      expect(rows).toEqual([{ rolsuper: false, rolbypassrls: false }]);
    });
  `,
};

const privileges =
  'extensions, settings, privileges and prepare reach every clone; migrations and app are an owner who is no superuser, so policies hold';

for (const [where, more, title, details] of [
  ['the embedded server', replayed, `; ${privileges}`, {}],
  ['an existing server', {}, '', { tag: '@matrix' }],
] as const) {
  test(
    `a stack has several, each with its own template, variable and clone, rewound together; a file’s top level finds them, a worker fixture the server${title}; ${where}`,
    details,
    async ({ project, run, existingServer }) => {
      const env = { STACKS_DATABASE_URL: where === 'an existing server' ? existingServer.url : undefined };
      const mini = await project('mini', { files: { ...files, ...more } });
      const { output, events, exitCode } = await run(mini, ['--workers=1'], { env });
      expect(output).toContain(`${where === 'an existing server' ? 2 : 4} passed`);
      expect(exitCode).toBe(0);
      expect(events.filter(({ type }) => type === 'stack-opened')).toHaveLength(1);
      const templates = events.filter((event) => event.type === 'template-ready');
      expect(new Set(templates.map(({ database }) => database)).size).toBe(3);
      expect(templates.map(({ reusable }) => reusable)).toEqual([true, true, false]);
    },
  );
}
