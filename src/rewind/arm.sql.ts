// Arming: stk.arm() puts the capture triggers on every table that lacks them, and writes the functions that undo each
// table with static SQL. It may be called again at any time; after DDL it must.

/** @param searchPath under which the application's CHECK constraints, defaults and indexes find their functions */
export function armSql(searchPath: string): string {
  return `
CREATE TABLE stk.info (armed pg_snapshot, catalog text, event_triggers boolean NOT NULL, zone text NOT NULL, secret text NOT NULL);
CREATE TABLE stk.sequence (seq oid PRIMARY KEY, cache bigint NOT NULL, name text NOT NULL);
-- A table that stk.undo_<oid> exists for. Triggers and rules of kind ALWAYS or REPLICA would fire even for us.
CREATE TABLE stk.rel (rel oid PRIMARY KEY, obstacle text, name text NOT NULL);

CREATE VIEW stk.captured AS
  SELECT c.oid AS rel, c.relkind AS kind, c.relispartition AS partition,
         NOT c.relispartition AND EXISTS (
           SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent) AND c.relkind = 'r') AS inherits
  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  WHERE c.relkind IN ('r', 'p', 'f') AND c.relpersistence <> 't'
    AND n.nspname NOT IN ('stk', 'information_schema') AND NOT pg_catalog.starts_with(n.nspname, 'pg_');

-- The types whose text depends on search_path (regclass and its kin) or on lc_monetary, and those that are made of them.
CREATE TABLE stk.unsteady (type oid PRIMARY KEY);
CREATE FUNCTION stk.find_unsteady() RETURNS void LANGUAGE sql AS $$
  DELETE FROM stk.unsteady;
  INSERT INTO stk.unsteady
    WITH RECURSIVE part(type, whole) AS MATERIALIZED (
      SELECT typbasetype, oid FROM pg_type WHERE typbasetype <> 0
      UNION ALL SELECT typelem, oid FROM pg_type WHERE typelem <> 0
      UNION ALL SELECT a.atttypid, c.reltype FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
        WHERE c.reltype <> 0 AND c.relnamespace <> 'pg_catalog'::regnamespace AND a.attnum > 0 AND NOT a.attisdropped
      UNION ALL SELECT rngsubtype, rngtypid FROM pg_range),
    unsteady(type) AS (
      SELECT oid FROM pg_type WHERE typnamespace = 'pg_catalog'::regnamespace AND (typname = 'money' OR starts_with(typname, 'reg'))
      UNION SELECT part.whole FROM unsteady JOIN part USING (type))
    TABLE unsteady;
$$;
CREATE FUNCTION stk.image_needs_settings(rel oid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped
    AND atttypid IN (SELECT type FROM stk.unsteady));
$$;

-- The image of a row of "~stk~r" as its triggers see it: virtual generated columns are empty there.
CREATE FUNCTION stk.image_sql(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN bool_or(attgenerated = 'v')
    THEN 'ROW(' || string_agg(CASE WHEN attgenerated = 'v' THEN 'NULL' ELSE format('"~stk~r".%I', attname) END, ', ' ORDER BY attnum) || ')::text'
    ELSE '"~stk~r"::text' END
  FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped;
$$;

-- "~stk~r".a = (n.r).a AND …, by the operators of the primary key or else of a unique index without NULLs; NULL: no key.
CREATE FUNCTION stk.key_sql(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT (
    SELECT string_agg(format('"~stk~r".%1$I OPERATOR(%2$I.%3$s) (n.r).%1$I', a.attname, ns.nspname, o.oprname), ' AND ')
    FROM generate_series(0, i.indnkeyatts - 1) AS k
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k]
    JOIN pg_opclass c ON c.oid = i.indclass[k]
    JOIN pg_amop m ON m.amopfamily = c.opcfamily AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype AND m.amopstrategy = 3
    JOIN pg_operator o ON o.oid = m.amopopr JOIN pg_namespace ns ON ns.oid = o.oprnamespace)
  FROM pg_index i WHERE i.indexrelid = stk.key_index(rel);
$$;

CREATE FUNCTION stk.key_index(rel oid) RETURNS oid LANGUAGE sql STABLE AS $$
  SELECT i.indexrelid
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam AND am.amname = 'btree'
  WHERE i.indrelid = rel AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    AND NOT EXISTS (
      SELECT FROM generate_series(0, i.indnkeyatts - 1) AS k
      LEFT JOIN pg_attribute a ON a.attrelid = rel AND a.attnum = i.indkey[k]
      WHERE a.attnotnull IS NOT TRUE)
  ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1;
$$;

-- What must stand on a relation, as name → the rest of its CREATE TRIGGER. Names hold the table's oid where ATTACH
-- PARTITION would else meet its own name.
CREATE FUNCTION stk.triggers(rel oid) RETURNS TABLE (name text, definition text) LANGUAGE sql STABLE AS $$
  SELECT t.name, t.definition FROM stk.captured c,
    LATERAL (SELECT CASE WHEN stk.image_needs_settings(c.rel) THEN '(''settings'')' ELSE '()' END) AS a(args),
    LATERAL (
      SELECT '~stk_i', 'AFTER INSERT ON %s REFERENCING NEW TABLE AS "~stk~n" FOR EACH STATEMENT EXECUTE FUNCTION stk.capture_insert' || a.args
        WHERE c.kind = 'r' AND NOT c.partition AND NOT c.inherits
      UNION ALL
      SELECT '~stk_u', 'AFTER UPDATE ON %s REFERENCING OLD TABLE AS "~stk~o" NEW TABLE AS "~stk~n" FOR EACH STATEMENT EXECUTE FUNCTION stk.capture_update' || a.args
        WHERE c.kind = 'r' AND NOT c.partition AND NOT c.inherits
      UNION ALL
      SELECT '~stk_d', 'AFTER DELETE ON %s REFERENCING OLD TABLE AS "~stk~o" FOR EACH STATEMENT EXECUTE FUNCTION stk.capture_delete' || a.args
        WHERE c.kind = 'r' AND NOT c.partition AND NOT c.inherits
      UNION ALL
      SELECT '~stk_r' || c.rel, 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH ROW EXECUTE FUNCTION stk.capture_row' || a.args
        WHERE c.kind = 'p' AND NOT c.partition OR c.kind = 'r' AND c.inherits
      UNION ALL
      SELECT '~stk_t', format('BEFORE TRUNCATE ON %%s FOR EACH STATEMENT EXECUTE FUNCTION stk.capture_truncate(%s)', replace(quote_literal(stk.image_sql(c.rel)), '%', '%%'))
        WHERE c.kind = 'r'
      UNION ALL
      SELECT '~stk_f', 'AFTER INSERT OR UPDATE OR DELETE ON %s FOR EACH STATEMENT EXECUTE FUNCTION stk.capture_foreign()'
        WHERE c.kind = 'f'
    ) AS t(name, definition)
  WHERE c.rel = triggers.rel;
$$;

CREATE FUNCTION stk.arm_table(rel oid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  wanted text[]; definitions text[]; present text[]; name text;
BEGIN
  SELECT array_agg(t.name ORDER BY t.name), array_agg(t.definition ORDER BY t.name) INTO wanted, definitions FROM stk.triggers(rel) t;
  SELECT array_agg(tgname::text ORDER BY tgname::text) INTO present FROM pg_trigger
    WHERE tgrelid = rel AND starts_with(tgname, '~stk_') AND tgparentid = 0;
  IF wanted IS NOT DISTINCT FROM present THEN RETURN; END IF;
  FOREACH name IN ARRAY coalesce(present, '{}') LOOP
    EXECUTE format('DROP TRIGGER %I ON %s', name, rel::regclass);
  END LOOP;
  FOR i IN 1 .. coalesce(cardinality(wanted), 0) LOOP
    EXECUTE format('CREATE TRIGGER %I ' || definitions[i], wanted[i], rel::regclass);
  END LOOP;
END $$;

-- stk.undo_<oid>(images to delete, images to insert, oldest transaction that may have written the former). It is exact:
-- rows are found by their key's index, or without one by looking at all that are young enough, and whole images compared.
CREATE FUNCTION stk.write_undo(rel oid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  target text := rel::regclass; image text := stk.image_sql(rel); key text := stk.key_sql(rel); columns text; fields text;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum), string_agg(format('(n.r).%I', attname), ', ' ORDER BY attnum)
    INTO columns, fields
    FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  EXECUTE format($f$CREATE OR REPLACE FUNCTION stk.undo_%1$s(excess text[], missing text[], oldest xid) RETURNS void LANGUAGE plpgsql AS $stk_undo$
    DECLARE
      changed bigint;
    BEGIN
      IF excess IS NOT NULL THEN
        %2$s
        GET DIAGNOSTICS changed = ROW_COUNT;
        PERFORM stk.expect('deleted', %1$s, cardinality(excess), changed);
      END IF;
      IF missing IS NOT NULL THEN
        PERFORM stk.expect('inserted', %1$s, cardinality(missing), stk.insert_%1$s(missing));
      END IF;
    END $stk_undo$ $f$, rel, CASE WHEN key IS NOT NULL THEN format(
      'DELETE FROM ONLY %1$s AS "~stk~r" USING (SELECT i AS img, i::%1$s AS r FROM unnest(excess) AS i OFFSET 0) AS n
       WHERE %2$s AND %3$s = n.img;', target, key, image) ELSE format(
      'DELETE FROM ONLY %1$s AS "~stk~r" WHERE "~stk~r".ctid = ANY (ARRAY(
         SELECT d.at FROM (
           SELECT c.at, row_number() OVER (PARTITION BY c.img, c.at IS NULL) AS nth, count(*) FILTER (WHERE c.at IS NULL) OVER (PARTITION BY c.img) AS wanted
           FROM (SELECT "~stk~r".ctid AS at, %2$s AS img FROM ONLY %1$s AS "~stk~r" WHERE age("~stk~r".xmin) <= age(oldest)
                 UNION ALL SELECT NULL, i FROM unnest(excess) AS i) AS c) AS d
         WHERE d.at IS NOT NULL AND d.nth <= d.wanted));', target, image) END);
  EXECUTE format($f$CREATE OR REPLACE FUNCTION stk.insert_%s(images text[]) RETURNS bigint LANGUAGE plpgsql SET search_path = ${searchPath.replaceAll('%', '%%') || "''"} AS $stk_undo$
    DECLARE
      made bigint;
    BEGIN
      %s
      GET DIAGNOSTICS made = ROW_COUNT;
      RETURN made;
    END $stk_undo$ $f$, rel, CASE WHEN columns IS NOT NULL THEN format(
      'INSERT INTO %1$s (%2$s) OVERRIDING SYSTEM VALUE
       SELECT %3$s FROM (SELECT i::%1$s AS r FROM pg_catalog.unnest(images) AS i OFFSET 0) AS n;', target, columns, fields) ELSE format(
      'INSERT INTO %1$s SELECT FROM pg_catalog.unnest(images);', target) END);
END $$;

CREATE FUNCTION stk.arm() RETURNS void LANGUAGE plpgsql
  SET enable_seqscan = on SET enable_hashjoin = on SET enable_mergejoin = on SET plan_cache_mode = auto SET statement_timeout = 0 AS $$
DECLARE
  r record;
BEGIN
  PERFORM stk.find_unsteady();
  DELETE FROM stk.rel;
  DELETE FROM stk.sequence;
  FOR r IN SELECT * FROM stk.captured ORDER BY rel LOOP
    PERFORM stk.arm_table(r.rel);
    IF r.kind = 'r' THEN
      PERFORM stk.write_undo(r.rel);
      INSERT INTO stk.rel SELECT r.rel, CASE WHEN
        EXISTS (SELECT FROM pg_trigger WHERE tgrelid = r.rel AND tgenabled IN ('A', 'R') AND NOT starts_with(tgname, '~stk_'))
        OR EXISTS (SELECT FROM pg_rewrite WHERE ev_class = r.rel AND ev_enabled IN ('A', 'R'))
        THEN format('%s has a trigger or rule that is enabled ALWAYS or REPLICA', r.rel::regclass) END, r.rel::regclass::text;
    END IF;
  END LOOP;
  -- Also where the application works in replica role; the clones of a partitioned table's trigger too.
  FOR r IN
    SELECT tgrelid::regclass AS rel, string_agg(format('ENABLE ALWAYS TRIGGER %I', tgname), ', ') AS actions
    FROM pg_trigger WHERE starts_with(tgname, '~stk_') AND tgenabled <> 'A' GROUP BY tgrelid
  LOOP
    EXECUTE format('ALTER TABLE ONLY %s %s', r.rel, r.actions);
  END LOOP;
  INSERT INTO stk.sequence
    SELECT s.seqrelid, s.seqcache, s.seqrelid::regclass::text FROM pg_sequence s JOIN pg_class c ON c.oid = s.seqrelid WHERE c.relpersistence <> 't';
  UPDATE stk.info SET armed = pg_current_snapshot(), catalog = CASE WHEN NOT event_triggers THEN stk.catalog_digest() END;
END $$;
`;
}
