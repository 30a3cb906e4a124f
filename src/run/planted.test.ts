// What other roles have planted in `template1`, of which every database is a copy, and in `postgres`: none of it is executed
// by a session of ours.
import { expect, test } from '@playwright/test';
import type { DevelopmentDatabases } from '../config/resolved.ts';
import { Lifetime } from '../lifetime.ts';
import { newRunKey } from '../names.ts';
import { type Client, connect, withClient } from '../postgres/client/connection.ts';
import { withDatabase } from '../postgres/client/connection-string.ts';
import type { DatabaseServer } from '../postgres/database-server.ts';
import { createClone } from '../postgres/databases/clone.ts';
import { dropMade } from '../postgres/databases/drop.ts';
import { ensureTemplate } from '../postgres/databases/template.ts';
import { connectTo, useExisting } from '../postgres/existing/existing.ts';
import { sweepDatabases } from '../postgres/existing/sweep-databases.ts';
import { changes } from '../rewind/changes.ts';
import { openControl } from '../rewind/control.ts';
import { deltaBetween, replay } from '../rewind/delta.ts';
import { installCapture } from '../rewind/install.ts';
import { mark } from '../rewind/mark.ts';
import { rewind } from '../rewind/rewind.ts';
import { newTestBed } from '../testing/postgres.ts';
import { DatabaseConnections } from './proof/connected-to.ts';
import { StepProof } from './proof/step-proof.ts';

test.describe.configure({ mode: 'default' }); // one server, whose template1 each of them changes
const lifetime = new Lifetime();
let superuser = '';
let admin: Client;
test.beforeAll(async () => {
  const testBed = await newTestBed();
  lifetime.defer('testBed', () => testBed.lifetime.close());
  const server = await testBed.start();
  superuser = server.urlFor('postgres', 'superuser');
  admin = await server.connect({ purpose: 'test' });
  await admin.query("CREATE ROLE one LOGIN CREATEDB PASSWORD 'x'; CREATE ROLE planter LOGIN PASSWORD 'x'");
});
test.afterAll(() => lifetime.close());

const as = (role: string) => Object.assign(new URL(superuser), { username: role, password: 'x' }).href;
const inDatabase = (url: string, database: string, sql: string) =>
  withClient(
    connect({ connectionString: withDatabase(url, database) }, 'test', { purpose: 'test', settings: 'inherited' }),
    (client) => client.query(sql),
  );

/** Operators and functions that fit better than the system's what is called with such types; each fails, and says for whom. */
const PLANT = `
  DO $plant$ DECLARE o text; f text; a text; b text; BEGIN
    CREATE SCHEMA IF NOT EXISTS planted;
    FOREACH a IN ARRAY '{oid,int4,int8,name,text,"char",xid,xid8,regclass,pg_snapshot,text[],int4[]}'::text[] LOOP
      FOREACH b IN ARRAY '{oid,int4,int8,name,text,"char",xid,xid8,regclass,text[],int4[]}'::text[] LOOP
        EXECUTE format('CREATE FUNCTION public.planted(%s, %s) RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION ''planted code ran''; END $$', a, b);
        FOREACH o IN ARRAY '{=,<>,<,>,<=,>=,~,!~,~~,!~~}'::text[] LOOP
          IF to_regoperator(format('pg_catalog.%s(%s,%s)', o, a, b)) IS NULL THEN
            EXECUTE format('CREATE OPERATOR public.%s (FUNCTION = public.planted, LEFTARG = %s, RIGHTARG = %s)', o, a, b);
          END IF;
        END LOOP;
        FOREACH f IN ARRAY '{set_config,current_setting,starts_with,format,concat_ws,pg_visible_in_snapshot,string_agg,left,repeat,has_table_privilege,pg_advisory_lock,pg_try_advisory_lock}'::text[] LOOP
          IF to_regprocedure(format('pg_catalog.%s(%s,%s)', f, a, b)) IS NULL THEN
            EXECUTE format('CREATE FUNCTION public.%s(%s, %s) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION ''planted code ran''; END $$', f, a, b);
          END IF;
        END LOOP;
      END LOOP;
      FOREACH f IN ARRAY '{md5,length,quote_ident,age,to_regclass,to_regnamespace,current_setting,pg_get_userbyid,upper,lo_create,lo_unlink,to_jsonb,pg_sequence_last_value,pg_database_size,aclexplode,unnest,count}'::text[] LOOP
        IF to_regprocedure(format('pg_catalog.%s(%s)', f, a)) IS NULL THEN
          EXECUTE format('CREATE FUNCTION public.%s(%s) RETURNS text LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION ''planted code ran''; END $$', f, a);
        END IF;
      END LOOP;
    END LOOP;
  END $plant$`;

for (const role of ['superuser', 'owner'] as const) {
  test(`functions and operators that others have planted in template1 and postgres are not executed for a ${role}`, async () => {
    for (const database of ['template1', 'postgres']) {
      await inDatabase(superuser, database, 'GRANT CREATE ON SCHEMA public TO planter');
      await inDatabase(superuser, database, `GRANT CREATE ON DATABASE ${database} TO planter`);
      await inDatabase(as('planter'), database, PLANT);
    }
    const url = role === 'owner' ? as('one') : superuser;
    await inDatabase(url, 'postgres', `SELECT set_config('search_path', 'public, pg_catalog', false)`);
    await using mine = new Lifetime();
    const signal = new AbortController().signal;
    const run = newRunKey();
    const server = await useExisting({ url, run, connections: 1, signal, lifetime: mine });
    await withClient(connectTo(url, { purpose: 'sweep' }), (client) => sweepDatabases(client, 'drop'));
    const template = await ensureTemplate(server, specOf(server, run), signal);
    const name = `stk_${run}_0`;
    const clone = await createClone(server, template, { name, run, signal });
    await withClient(server.connect({ purpose: 'test', database: name }), async (client) => {
      const control = await openControl(client);
      const start = await mark(control);
      await inDatabase(url, name, "INSERT INTO t (v) VALUES ('mine'); DELETE FROM t WHERE id OPERATOR(pg_catalog.=) 1");
      expect(await changes(control, start)).toHaveLength(2);
      const delta = await deltaBetween(control, start);
      expect((await rewind(control, start)).tables).toHaveLength(1);
      await replay(control, delta);
      await rewind(control, start);
    });
    await dropMade(server, clone);
    if (template.made) await dropMade(server, template.made);
    for (const database of ['template1', 'postgres']) await inDatabase(superuser, database, 'DROP OWNED BY planter');
  });
}

test('a schema of our name that another role has planted is not taken for ours', async () => {
  await inDatabase(superuser, 'template1', 'GRANT CREATE ON DATABASE template1 TO planter');
  await inDatabase(
    as('planter'),
    'template1',
    `CREATE SCHEMA playwright_stacks; CREATE FUNCTION playwright_stacks.arm() RETURNS void LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted code ran'; END $$`,
  );
  await using mine = new Lifetime();
  const signal = new AbortController().signal;
  const run = newRunKey();
  const server = await useExisting({ url: superuser, run, connections: 1, signal, lifetime: mine });
  await expect(ensureTemplate(server, specOf(server, run), signal)).rejects.toThrow(
    'DATABASE_UNFIT: there is a schema "playwright_stacks" already, which another role has made.',
  );
  await inDatabase(superuser, 'template1', 'DROP OWNED BY planter');
});

/** As a run makes it. */
function specOf(server: DatabaseServer, run: string) {
  const known: DevelopmentDatabases = { development: undefined, inherited: [], taken: [], named: [], allowed: [] };
  const proof = new StepProof(server, new DatabaseConnections(server, known), { empty: false });
  const command = `"${process.execPath}" -e "
    const pg = require('pg'); const client = new pg.Client(process.env.DATABASE_URL);
    client.connect().then(() => client.query('CREATE TABLE public.t (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v text); INSERT INTO public.t (v) VALUES (1)')).then(() => client.end())"`;
  const how = { title: 'database.migrate', cwd: process.cwd(), timeout: 20_000, signal: new AbortController().signal };
  return {
    kind: 'run' as const,
    key: run,
    run,
    extensions: [],
    role: 'owner' as const,
    seed: undefined,
    migrate: (context: { url: string; env: Record<string, string> }) =>
      proof.run({ kind: 'command', command }, { ...how, context }),
    finish: async (client: Client) => {
      await proof.check();
      await installCapture(client);
    },
  };
}
