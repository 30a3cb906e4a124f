// What tools ask that write a schema down: of capture they see nothing. A dump of the whole database shows it.
import { rowsOf } from './client.ts';
import { expect, type Owner, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const SCHEMA = `CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TABLE author (id serial PRIMARY KEY, name text NOT NULL, mood mood DEFAULT 'ok');
  CREATE TABLE book (id int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, author int REFERENCES author ON DELETE CASCADE, pages int CHECK (pages > 0));
  CREATE INDEX ON book (author); CREATE VIEW titles AS SELECT id FROM book; CREATE FUNCTION one() RETURNS int LANGUAGE sql AS 'SELECT 1';
  CREATE TABLE parted (id int) PARTITION BY LIST (id); CREATE TABLE part PARTITION OF parted DEFAULT`;

/** In the manner of each; without oids, which differ between any two databases. */
const QUESTIONS: Readonly<Record<string, string>> = {
  'prisma db pull, tables': `SELECT tbl.relname AS table_name, namespace.nspname AS namespace, (tbl.relhassubclass AND tbl.relkind = 'p') AS is_partition,
      (tbl.relhassubclass AND tbl.relkind = 'r') AS has_subclass, tbl.relrowsecurity AS has_row_level_security, reloptions
    FROM pg_class AS tbl INNER JOIN pg_namespace AS namespace ON namespace.oid = tbl.relnamespace
    WHERE tbl.relkind IN ('r', 'p') AND namespace.nspname = ANY (ARRAY['public']) ORDER BY namespace, table_name`,
  'prisma db pull, procedures': `SELECT p.proname, n.nspname FROM pg_proc p LEFT JOIN pg_namespace n ON p.pronamespace = n.oid
    LEFT JOIN pg_language l ON p.prolang = l.oid WHERE n.nspname = ANY (ARRAY['public'])`,
  'prisma db pull, constraints': `SELECT conname, contype, conrelid::regclass::text FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace AND contype NOT IN ('p', 'u', 'f') ORDER BY 1, 3`,
  'drizzle-kit, tables': `SELECT table_schema, table_name, table_type FROM information_schema.tables WHERE table_schema = ANY (ARRAY['public']) ORDER BY 1, 2`,
  'drizzle-kit, policies': `SELECT schemaname, tablename, policyname FROM pg_policies`,
  'drizzle-kit, sequences': `SELECT schemaname, sequencename FROM pg_sequences WHERE schemaname NOT LIKE 'pg_%' ORDER BY 1, 2`,
  'drizzle-kit, roles': `SELECT rolname FROM pg_roles WHERE rolname NOT LIKE 'pg_%' ORDER BY 1`,
  'django inspectdb': `SELECT c.relname, CASE WHEN c.relispartition THEN 'p' WHEN c.relkind IN ('m', 'v') THEN 'v' ELSE 't' END, obj_description(c.oid, 'pg_class')
    FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('f', 'm', 'p', 'r', 'v') AND n.nspname NOT IN ('pg_catalog', 'pg_toast') AND pg_catalog.pg_table_is_visible(c.oid) ORDER BY 1`,
  'rails db:schema:dump, tables': `SELECT c.relname FROM pg_class c LEFT JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = ANY (current_schemas(false)) AND c.relkind IN ('r', 'v', 'm', 'p', 'f') ORDER BY 1`,
  'rails db:schema:dump, enums': `SELECT type.typname, n.nspname, array_agg(enum.enumlabel ORDER BY enum.enumsortorder) FROM pg_enum AS enum
    JOIN pg_type AS type ON type.oid = enum.enumtypid JOIN pg_namespace n ON type.typnamespace = n.oid GROUP BY 1, 2`,
  'rails db:schema:dump, extensions': `SELECT extname FROM pg_extension ORDER BY 1`,
  'typeorm, sequelize, hibernate': `SELECT table_schema, table_name, column_name, data_type, column_default FROM information_schema.columns
    WHERE table_schema = current_schema() ORDER BY table_name, ordinal_position`,
  'knex, functions': `SELECT routine_name FROM information_schema.routines WHERE specific_schema = 'public' ORDER BY 1`,
};

onEachMajor((major) => {
  for (const owner of ['postgres', 'weak'] as const satisfies Owner[]) {
    test(`tools that write a schema down see nothing of capture, installed by ${owner} on ${major}`, async ({
      testDatabase,
    }) => {
      const { connect, untouched } = await testDatabase(major, SCHEMA, owner);
      const app = await connect(owner);
      await untouched.query(`SET SESSION AUTHORIZATION ${owner}`);
      for (const [tool, question] of Object.entries(QUESTIONS))
        expect(await rowsOf(app, question), tool).toEqual(await rowsOf(untouched, question));
    });
  }
});
