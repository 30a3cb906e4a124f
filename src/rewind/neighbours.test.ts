// What a database or a role has that acts on objects made in it, and so on those of capture.
import { rowsOf } from './client.ts';
import { openControl } from './control.ts';
import { installCapture } from './install.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const TABLES = `CREATE TABLE keyed (id int PRIMARY KEY, v int); INSERT INTO keyed VALUES (1, 1), (2, 2); CREATE TABLE keyless (v int); INSERT INTO keyless VALUES (1), (1);
  CREATE TABLE referring (id int PRIMARY KEY REFERENCES keyed ON DELETE CASCADE); CREATE UNLOGGED TABLE unlogged (v int);
  CREATE TABLE nothing (v int PRIMARY KEY); ALTER TABLE nothing REPLICA IDENTITY NOTHING; CREATE SEQUENCE q`;
const INSERTS = `INSERT INTO keyed VALUES (3, 3); INSERT INTO referring VALUES (3); INSERT INTO keyless VALUES (1), (2); INSERT INTO unlogged VALUES (1); INSERT INTO nothing VALUES (1); SELECT nextval('q')`;
const IDENTITIES = `SELECT relname, relreplident FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY 1`;

onEachMajor((major) => {
  for (const owner of ['postgres', 'weak'] as const) {
    const tag = owner === 'weak' ? '@matrix' : [];
    for (const published of ['FOR ALL TABLES', 'FOR TABLES IN SCHEMA public', 'FOR TABLE keyless, keyed, nothing']) {
      if (published.includes('IN SCHEMA') && Number(major) < 15) continue;
      test(`a publication ${published} publishes nothing of capture, and costs no clone; rewound by ${owner} on ${major}`, {
        tag,
      }, async ({ testDatabase }) => {
        const { app, control, untouched } = await testDatabase(major, TABLES, owner);
        await app.query(`CREATE PUBLICATION pub ${published}`);
        const start = await mark(control);
        const identities = await rowsOf(app, IDENTITIES);
        for (const writes of [INSERTS, `${INSERTS}; UPDATE keyed SET v = v + 1; DELETE FROM keyed WHERE id = 1`]) {
          await app.query(writes);
          expect((await rewind(control, start)).tables.length).toBe(5);
          expect(await stateOf(app)).toEqual(await stateOf(untouched));
          expect(await rowsOf(app, IDENTITIES)).toEqual(identities);
        }
        const ours = `SELECT tablename FROM pg_publication_tables WHERE schemaname NOT IN ('public')`;
        expect(await rowsOf(app, ours)).toEqual([]);
      });
    }

    test(`an event trigger never writes for what a rewind does to a published table; rewound by ${owner} on ${major}`, {
      tag,
    }, async ({ testDatabase }) => {
      const { app, control } = await testDatabase(
        major,
        'CREATE TABLE keyless (v int); CREATE TABLE ddl (tag text); CREATE PUBLICATION pub FOR TABLE keyless',
        owner,
      );
      await app.query(`CREATE FUNCTION logged() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO public.ddl VALUES (tg_tag); END';
        CREATE EVENT TRIGGER theirs ON ddl_command_end EXECUTE FUNCTION logged(); ALTER EVENT TRIGGER theirs ENABLE ALWAYS`);
      const start = await mark(control);
      const before = await stateOf(app);
      await app.query('INSERT INTO keyless VALUES (1)');
      if (owner === 'postgres' && Number(major) >= 17) {
        await rewind(control, start);
        expect(await stateOf(app)).toEqual(before);
      } else {
        await expect(rewind(control, start)).rejects.toThrow(
          'keyless has to be altered while it is undone, and an event trigger would fire',
        );
      }
    });

    test(`schemas, default privileges and event triggers of the application do not matter; rewound by ${owner} on ${major}`, {
      tag,
    }, async ({ testDatabase }) => {
      const { connect, app, untouched } = await testDatabase(
        major,
        `CREATE SCHEMA stk; CREATE TABLE stk.info (id int PRIMARY KEY); INSERT INTO stk.info VALUES (1); CREATE FUNCTION stk.mark() RETURNS int LANGUAGE sql AS 'SELECT 1';
         CREATE TABLE parted (id int) PARTITION BY LIST (id); CREATE TABLE part (id int); INSERT INTO part VALUES (1)`,
        owner,
      );
      await app.query(`DROP SCHEMA playwright_stacks CASCADE; CREATE ROLE tenant_${owner}_${major} LOGIN; GRANT CREATE ON SCHEMA public TO tenant_${owner}_${major};
        ALTER TABLE parted OWNER TO tenant_${owner}_${major}; ALTER TABLE part OWNER TO tenant_${owner}_${major}; GRANT tenant_${owner}_${major} TO weak;
        ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC; ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT ALL ON TABLES TO PUBLIC; ALTER DEFAULT PRIVILEGES FOR ROLE ${owner} GRANT ALL ON SCHEMAS TO PUBLIC;
        CREATE FUNCTION noticed() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN PERFORM 1; END'; CREATE EVENT TRIGGER theirs ON ddl_command_end EXECUTE FUNCTION noticed()`);
      const session = await connect(owner);
      await installCapture(session);
      const control = await openControl(session);
      const tenant = await connect(`tenant_${owner}_${major}`);
      await tenant.query('ALTER TABLE parted ATTACH PARTITION part FOR VALUES IN (1)');
      await tenant.query('ALTER TABLE parted DETACH PARTITION part');
      const start = await mark(control);
      await app.query('INSERT INTO stk.info VALUES (2)');
      await tenant.query('DELETE FROM part');
      await rewind(control, start);
      expect(await stateOf(app)).toEqual(await stateOf(untouched));
      for (const query of [
        'TABLE playwright_stacks.info',
        'SELECT playwright_stacks.arm()',
        `SELECT * FROM playwright_stacks.log`,
      ])
        await expect(tenant.query(query)).rejects.toThrow('permission denied for schema playwright_stacks');
      const seen = `SELECT table_schema FROM information_schema.tables WHERE table_schema = 'playwright_stacks' UNION ALL SELECT routine_schema FROM information_schema.routines WHERE routine_schema = 'playwright_stacks' AND routine_name NOT LIKE 'capture_row_%'
        UNION ALL SELECT schema_name FROM information_schema.schemata WHERE schema_name = 'playwright_stacks'`;
      expect(await rowsOf(tenant, seen)).toEqual([]);
      await app.query(`DROP OWNED BY tenant_${owner}_${major}; DROP ROLE tenant_${owner}_${major}`);
    });
  }
});
