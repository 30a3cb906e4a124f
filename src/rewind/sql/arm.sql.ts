// Arming: playwright_stacks.arm() puts the capture triggers on every table that lacks them, and has the functions written that undo each
// table. It may be called again at any time; after DDL it must.

// Built-in types whose text depends on no setting, and on TimeZone and DateStyle only; so do arrays of them.
const STEADY =
  'bool int2 int4 int8 numeric oid text varchar bpchar name char uuid json jsonb xml bit varbit inet cidr macaddr macaddr8 tsvector';
const TIMED = 'date timestamp timestamptz time timetz';

export const armSql: string = `
-- newest_table: when capture was armed. last_mark: the number of the last mark; none has that of an earlier one, also where that has ended or was lost.
CREATE UNLOGGED TABLE playwright_stacks.info (
  armed pg_snapshot, catalog text, event_triggers boolean NOT NULL, zone text NOT NULL, secret text NOT NULL, last_mark integer NOT NULL, newest_table text);
-- A table that playwright_stacks.undo_<oid> exists for.
CREATE UNLOGGED TABLE playwright_stacks.rel (rel oid PRIMARY KEY, name text NOT NULL);

CREATE VIEW playwright_stacks.captured AS
  SELECT c.oid AS rel, c.relkind AS kind, c.relispartition AS partition,
         NOT c.relispartition AND EXISTS (
           SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent) AND c.relkind = 'r') AS inherits
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
    -- Not what an extension holds for itself, such as PostGIS its coordinate systems.
    AND (pg_has_role(c.relowner, 'USAGE') OR NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e')
      OR EXISTS (SELECT FROM aclexplode(c.relacl) a WHERE a.grantee <> c.relowner AND a.privilege_type IN ('INSERT', 'UPDATE', 'DELETE', 'TRUNCATE')))
    AND n.nspname NOT IN ('playwright_stacks', 'information_schema') AND NOT pg_catalog.starts_with(n.nspname, 'pg_');

-- The types whose text depends on search_path (regclass and its kin) or on lc_monetary, or is written by code of others,
-- which may fail (but for citext and what else is text); and those that are made of them.
CREATE UNLOGGED TABLE playwright_stacks.unsteady (type oid PRIMARY KEY);
CREATE FUNCTION playwright_stacks.find_unsteady() RETURNS void LANGUAGE sql AS $$
  DELETE FROM playwright_stacks.unsteady;
  INSERT INTO playwright_stacks.unsteady
    WITH RECURSIVE part(type, whole) AS MATERIALIZED (
      SELECT typbasetype, oid FROM pg_type WHERE typbasetype <> 0
      UNION ALL SELECT typelem, oid FROM pg_type WHERE typelem <> 0
      UNION ALL SELECT a.atttypid, c.reltype FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.reltype <> 0 AND c.relnamespace <> 'pg_catalog'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL SELECT rngsubtype, rngtypid FROM pg_range
      UNION ALL SELECT rngsubtype, (to_jsonb(r) ->> 'rngmultitypid')::oid FROM pg_range r WHERE to_jsonb(r) ? 'rngmultitypid'), -- From Postgres 14 on.
    unsteady(type) AS (
      SELECT oid FROM pg_type WHERE CASE
        WHEN typnamespace = 'pg_catalog'::regnamespace THEN typname = 'money' OR starts_with(typname, 'reg')
        ELSE typtype = 'b' AND (typelem = 0 OR typlen > 0) AND (SELECT prosrc <> 'textout' FROM pg_proc WHERE oid = typoutput) END
      UNION SELECT part.whole FROM unsteady JOIN part USING (type))
    TABLE unsteady;
$$;
-- What the text of a table's rows depends on: which of the trigger functions it takes.
CREATE FUNCTION playwright_stacks.text_of(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE
    WHEN bool_or(c.type IN (SELECT u.type FROM playwright_stacks.unsteady u)) THEN 'unsteady'
    WHEN bool_or(c.class = 'styled') THEN 'styled'
    WHEN bool_or(c.class = 'timed') THEN 'timed'
    ELSE 'steady' END
  FROM (
    SELECT a.atttypid AS type, CASE
      WHEN base.typtype = 'e' OR base.oid IN (${types(STEADY)}) THEN 'steady'
      WHEN base.oid IN (${types(TIMED)}) THEN 'timed'
      ELSE 'styled' END AS class
    FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      JOIN pg_type base ON base.oid = CASE WHEN t.typcategory = 'A' AND t.typelem <> 0 THEN t.typelem ELSE t.oid END -- Not of a domain.
    WHERE a.attrelid = rel AND a.attnum > 0 AND NOT a.attisdropped) AS c;
$$;

-- What must stand on a relation: name, function and argument as pg_trigger holds them, and the rest of its CREATE TRIGGER. Names
-- hold the table's oid where ATTACH PARTITION would else meet its own name.
CREATE FUNCTION playwright_stacks.triggers(rel oid) RETURNS TABLE (name text, function oid, args bytea, definition text) LANGUAGE sql STABLE AS $$
  SELECT t.name, to_regproc('playwright_stacks.capture_' || t.function), coalesce(convert_to(t.arg, getdatabaseencoding()) || '\\x00', ''),
         format('%s EXECUTE FUNCTION playwright_stacks.capture_%s(%s)', t.event, t.function, quote_literal(t.arg))
  FROM playwright_stacks.captured c, LATERAL (SELECT playwright_stacks.text_of(c.rel)) AS d(text),
    LATERAL (
      SELECT '~stk_i', 'AFTER INSERT ON %s REFERENCING NEW TABLE AS "~stk~n" FOR EACH STATEMENT', 'insert_' || d.text, NULL
        WHERE c.kind = 'r' AND NOT c.partition AND NOT c.inherits
      UNION ALL
      SELECT '~stk_u', 'AFTER UPDATE ON %s REFERENCING OLD TABLE AS "~stk~o" NEW TABLE AS "~stk~n" FOR EACH STATEMENT', 'update_' || d.text, NULL
        WHERE c.kind = 'r' AND NOT c.partition AND NOT c.inherits
      UNION ALL
      SELECT '~stk_d', 'AFTER DELETE ON %s REFERENCING OLD TABLE AS "~stk~o" FOR EACH STATEMENT', 'delete_' || d.text, NULL
        WHERE c.kind = 'r' AND NOT c.partition AND NOT c.inherits
      UNION ALL
      SELECT '~stk_r' || c.rel, 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW', 'row_' || d.text, NULL
        WHERE c.kind = 'p' AND NOT c.partition OR c.kind = 'r' AND c.inherits
      UNION ALL
      SELECT '~stk_t', 'BEFORE TRUNCATE ON %s FOR EACH STATEMENT', 'truncate', playwright_stacks.bounded_image_sql(c.rel) WHERE c.kind = 'r'
      UNION ALL
      SELECT '~stk_f', 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT', 'foreign', NULL WHERE c.kind = 'f'
    ) AS t(name, event, function, arg)
  WHERE c.rel = triggers.rel;
$$;

CREATE FUNCTION playwright_stacks.arm_table(rel oid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  t record;
BEGIN
  FOR t IN
    SELECT p.tgname FROM pg_trigger p
    WHERE p.tgrelid = rel AND starts_with(p.tgname, '~stk_') AND p.tgparentid = 0
      AND (p.tgname::text, p.tgfoid, p.tgargs) NOT IN (SELECT w.name, w.function, w.args FROM playwright_stacks.triggers(rel) w)
  LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', t.tgname, rel::regclass);
  END LOOP;
  FOR t IN
    SELECT w.name, w.definition FROM playwright_stacks.triggers(rel) w
    WHERE NOT EXISTS (SELECT FROM pg_trigger p WHERE p.tgrelid = rel AND p.tgname = w.name::name)
  LOOP
    EXECUTE format('CREATE TRIGGER %I %s', t.name, overlay(t.definition PLACING rel::regclass::text FROM strpos(t.definition, '%s') FOR 2));
  END LOOP;
END $$;

-- Takes from everybody else what Postgres, or the default privileges of the application, have given them here: what a role may not
-- use, information_schema does not list for it. Only the triggers of partitions stay executable, for ATTACH PARTITION asks whether the
-- table's owner may execute them.
CREATE FUNCTION playwright_stacks.make_private() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  grantee text;
BEGIN
  FOR grantee IN
    SELECT DISTINCT CASE a.grantee WHEN 0 THEN 'PUBLIC' ELSE a.grantee::regrole::text END
    FROM (
      SELECT nspowner AS owner, nspacl AS acl FROM pg_namespace WHERE oid = 'playwright_stacks'::regnamespace
      UNION ALL SELECT relowner, relacl FROM pg_class WHERE relnamespace = 'playwright_stacks'::regnamespace
      UNION ALL SELECT proowner, coalesce(proacl, acldefault('f', proowner)) FROM pg_proc
        WHERE pronamespace = 'playwright_stacks'::regnamespace AND NOT starts_with(proname, 'capture_row_')) AS ours, aclexplode(ours.acl) AS a
    WHERE a.grantee <> ours.owner
  LOOP
    EXECUTE format('REVOKE ALL ON SCHEMA playwright_stacks FROM %1$s; REVOKE ALL ON ALL TABLES IN SCHEMA playwright_stacks FROM %1$s;
      REVOKE ALL ON ALL ROUTINES IN SCHEMA playwright_stacks FROM %1$s', grantee);
    EXECUTE (
      SELECT string_agg(format('GRANT EXECUTE ON FUNCTION %s TO PUBLIC', oid::regprocedure), '; ') FROM pg_proc
      WHERE pronamespace = 'playwright_stacks'::regnamespace AND starts_with(proname, 'capture_row_'));
  END LOOP;
END $$;

CREATE FUNCTION playwright_stacks.arm() RETURNS void LANGUAGE plpgsql
  SET enable_seqscan = on SET enable_hashjoin = on SET enable_mergejoin = on SET plan_cache_mode = auto SET statement_timeout = 0 AS $$
DECLARE
  r record; obstacle text;
BEGIN
  PERFORM playwright_stacks.lock();
  PERFORM playwright_stacks.find_unsteady();
  DELETE FROM playwright_stacks.rel;
  DELETE FROM playwright_stacks.step;
  DELETE FROM playwright_stacks.sequence;
  FOR r IN SELECT * FROM playwright_stacks.captured ORDER BY rel LOOP
    PERFORM playwright_stacks.arm_table(r.rel);
    IF r.kind = 'r' THEN
      -- Triggers and rules of these kinds would fire even for us.
      obstacle := CASE WHEN
        EXISTS (SELECT FROM pg_trigger WHERE tgrelid = r.rel AND tgenabled IN ('A', 'R') AND NOT starts_with(tgname, '~stk_'))
        OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = r.rel AND ev_enabled IN ('A', 'R'))
        THEN format('%s has a trigger or rule that is enabled ALWAYS or REPLICA', r.rel::regclass) END;
      PERFORM playwright_stacks.write_undo(r.rel, obstacle);
      PERFORM playwright_stacks.write_steps(r.rel);
      INSERT INTO playwright_stacks.rel VALUES (r.rel, r.rel::regclass::text);
    END IF;
  END LOOP;
  -- Also where the application works in replica role; the clones of a partitioned table's trigger too.
  FOR r IN
    SELECT tgrelid::regclass AS rel, string_agg(format('ENABLE ALWAYS TRIGGER %I', tgname), ', ') AS actions
    FROM pg_trigger WHERE starts_with(tgname, '~stk_') AND tgenabled <> 'A' GROUP BY tgrelid
  LOOP
    EXECUTE format('ALTER TABLE ONLY %s %s', r.rel, r.actions);
  END LOOP;
  INSERT INTO playwright_stacks.sequence
    SELECT s.seqrelid, s.seqcache, s.seqrelid::regclass::text, s.relpersistence = 'p', CASE WHEN s.never_called THEN row_number() OVER (PARTITION BY s.never_called ORDER BY s.seqrelid) END
    FROM (SELECT q.*, c.relpersistence, pg_sequence_last_value(q.seqrelid) IS NULL AS never_called
      FROM pg_sequence q JOIN pg_class c ON c.oid = q.seqrelid WHERE c.relpersistence <> 't'
        AND (has_sequence_privilege(q.seqrelid, 'SELECT') OR NOT EXISTS (SELECT FROM pg_depend e WHERE e.objid = c.oid AND e.deptype = 'e'))) s;
  -- From Postgres 17 on, pg_sequence_last_value tells nothing instead.
  SELECT name INTO obstacle FROM playwright_stacks.sequence WHERE NOT has_sequence_privilege(seq, 'SELECT') LIMIT 1;
  IF FOUND THEN RAISE EXCEPTION 'permission denied for sequence %', obstacle USING ERRCODE = 'insufficient_privilege'; END IF;
  PERFORM playwright_stacks.write_uncalled();
  PERFORM playwright_stacks.make_private();
  UPDATE playwright_stacks.info SET armed = pg_current_snapshot(), catalog = playwright_stacks.catalog_now(), newest_table = playwright_stacks.newest_table();
END $$;
`;

function types(names: string): string {
  return `SELECT oid FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND typname IN ('${names.replaceAll(' ', "', '")}')`;
}
