// Where the application's tables are stored, by the defaults of its database and role: what capture makes lies where it always does.
import { rowsOf } from './client.ts';
import { openControl } from './control.ts';
import { installCapture } from './install.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, type Owner, stateOf, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const OTHERWISE_STORED = `SELECT relname, a.amname, t.spcname FROM pg_class c JOIN pg_am a ON a.oid = c.relam LEFT JOIN pg_tablespace t ON t.oid = c.reltablespace
  WHERE relkind = 'r' AND relnamespace = $1::regnamespace AND (a.amname <> 'heap' OR t.spcname IS NOT NULL) ORDER BY 1`;

onEachMajor((major) => {
  for (const owner of ['postgres', 'weak'] as const satisfies Owner[]) {
    test(`an access method and a tablespace of the application's are its own alone; rewound by ${owner} on ${major}`, async ({
      testDatabase,
      server,
    }) => {
      const { app, connect, untouched } = await testDatabase(major, 'CREATE TABLE usual (id int)', owner);
      const { admin } = await server(major);
      const space = `space_${owner}_${major}`;
      await admin.query(`SET allow_in_place_tablespaces = on`);
      await admin.query(`CREATE TABLESPACE ${space} LOCATION ''`);
      await admin.query(`GRANT CREATE ON TABLESPACE ${space} TO PUBLIC`);
      for (const client of [app, untouched]) {
        await client.query(`DROP SCHEMA IF EXISTS playwright_stacks CASCADE; CREATE ACCESS METHOD own TYPE TABLE HANDLER heap_tableam_handler;
          DO $$ BEGIN EXECUTE format('ALTER DATABASE %1$I SET default_table_access_method = own', current_database());
            EXECUTE format('ALTER ROLE ${owner} IN DATABASE %1$I SET default_tablespace = ${space}', current_database()); END $$;
          SET default_table_access_method = own; SET default_tablespace = ${space};
          CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'), (2, 'b'); ALTER TABLE t OWNER TO ${owner};
          CREATE TABLE keyless (v text); INSERT INTO keyless VALUES ('a'), ('a'); ALTER TABLE keyless OWNER TO ${owner}; ALTER TABLE usual OWNER TO ${owner}`);
      }
      const session = await connect(owner);
      await installCapture(session);
      const control = await openControl(session);
      const start = await mark(control);
      const writer = await connect(owner);
      await writer.query(
        `UPDATE t SET v = 'c'; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (3, 'd'); DELETE FROM keyless; INSERT INTO usual VALUES (1)`,
      );
      await rewind(control, start);
      expect(await stateOf(app)).toEqual(await stateOf(untouched));
      expect(await rowsOf(app, OTHERWISE_STORED, ['playwright_stacks'])).toEqual([]);
      expect(await rowsOf(app, OTHERWISE_STORED, ['public'])).toEqual([
        { relname: 'keyless', amname: 'own', spcname: space },
        { relname: 't', amname: 'own', spcname: space },
      ]);
    });
  }

  for (const owner of ['postgres', 'weak'] as const satisfies Owner[]) {
    test(`an event trigger that refuses unknown schemas ${owner === 'weak' ? 'is named by an error' : 'lets capture pass'}; installed by ${owner} on ${major}`, async ({
      testDatabase,
    }) => {
      const { app, connect, untouched } = await testDatabase(
        major,
        'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1)',
        owner,
      );
      for (const client of [app, untouched])
        await client.query(`DROP SCHEMA IF EXISTS playwright_stacks CASCADE;
          CREATE FUNCTION guard() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN
            IF EXISTS (SELECT FROM pg_event_trigger_ddl_commands() WHERE schema_name NOT IN ('public', 'pg_temp')) THEN RAISE EXCEPTION 'only in public'; END IF;
          END $$; CREATE EVENT TRIGGER guard ON ddl_command_end EXECUTE FUNCTION guard()`);
      const session = await connect(owner);
      if (owner === 'weak') {
        await expect(installCapture(session)).rejects.toThrow(
          /^DATABASE_UNFIT: an event trigger of the database \(guard\) refuses the schema of capture: only in public/,
        );
        return;
      }
      await installCapture(session);
      const control = await openControl(session);
      const start = await mark(control);
      await app.query('INSERT INTO t VALUES (2)');
      await rewind(control, start);
      expect(await stateOf(app)).toEqual(await stateOf(untouched));
    });
  }
});
