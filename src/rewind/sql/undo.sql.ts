// The procedures that undo one table, static SQL each: playwright_stacks.write_undo(rel) writes them.

import { SMALL_ROW } from './capture.sql.ts';

/** @param searchPath under which the application's CHECK constraints, defaults and indexes find their functions */
export function undoSql(searchPath: string): string {
  return `
-- The image of a row of "~stk~r" as its triggers see it: virtual generated columns are empty there. No cast of the application's.
CREATE FUNCTION playwright_stacks.image_sql(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format('pg_catalog.textin(pg_catalog.record_out(%s))', playwright_stacks.row_sql(rel));
$$;
-- The same of rows of any size.
CREATE FUNCTION playwright_stacks.bounded_image_sql(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format('CASE WHEN pg_catalog.pg_column_size(%1$s) OPERATOR(pg_catalog.<) ${SMALL_ROW} THEN %2$s ELSE playwright_stacks.image(%1$s, %3$s) END',
    playwright_stacks.row_sql(rel), playwright_stacks.image_sql(rel), rel);
$$;
CREATE FUNCTION playwright_stacks.row_sql(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN bool_or(attgenerated = 'v')
    THEN 'ROW(' || string_agg(CASE WHEN attgenerated = 'v' THEN 'NULL' ELSE format('"~stk~r".%I', attname) END, ', ' ORDER BY attnum) || ')'
    ELSE '"~stk~r".*' END
  FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped;
$$;

-- "~stk~r".a = (n.r).a AND …, by the operators of the primary key or else of a unique index without NULLs; NULL: no key.
CREATE FUNCTION playwright_stacks.key_sql(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT (
    SELECT string_agg(format('"~stk~r".%1$I OPERATOR(%2$I.%3$s) (n.r).%1$I', a.attname, ns.nspname, o.oprname), ' AND ')
    FROM generate_series(0, i.indnkeyatts - 1) AS k
    JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[k]
    JOIN pg_opclass c ON c.oid = i.indclass[k]
    JOIN pg_amop m ON m.amopfamily = c.opcfamily AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype AND m.amopstrategy = 3
    JOIN pg_operator o ON o.oid = m.amopopr JOIN pg_namespace ns ON ns.oid = o.oprnamespace)
  FROM pg_index i WHERE i.indexrelid = playwright_stacks.key_index(rel);
$$;

CREATE FUNCTION playwright_stacks.key_index(rel oid) RETURNS oid LANGUAGE sql STABLE AS $$
  SELECT i.indexrelid
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid JOIN pg_am am ON am.oid = c.relam AND am.amname = 'btree'
  WHERE i.indrelid = rel AND i.indisunique AND i.indisvalid AND i.indpred IS NULL AND i.indexprs IS NULL
    AND NOT EXISTS (
      SELECT FROM generate_series(0, i.indnkeyatts - 1) AS k
      LEFT JOIN pg_attribute a ON a.attrelid = rel AND a.attnum = i.indkey[k]
      WHERE a.attnotnull IS NOT TRUE)
  ORDER BY i.indisprimary DESC, i.indnkeyatts, i.indexrelid LIMIT 1;
$$;

-- Text becomes a row by the type's own input only where nobody has made a cast for it.
CREATE FUNCTION playwright_stacks.has_cast(rel oid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM pg_cast t JOIN pg_class c ON c.reltype = t.casttarget WHERE c.oid = rel AND t.castsource = 'text'::regtype);
$$;

CREATE FUNCTION playwright_stacks.refuse_cast(rel oid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  IF playwright_stacks.has_cast(rel) THEN
    PERFORM playwright_stacks.give_up('check', format('there is a cast from text to rows of %s, whose function would write them', rel::regclass));
  END IF;
END $$;

-- OFFSET 0: a look into the index for each, however large the planner believes pg_depend to be.
CREATE FUNCTION playwright_stacks.depends_on_functions(class regclass, object oid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (SELECT FROM pg_depend d WHERE d.classid = class AND d.objid = object AND d.refobjid >= 16384
    AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass, 'pg_opclass'::regclass) OFFSET 0);
$$;

-- Whether writing a row calls functions of the application: in its constraints, generated columns, indexes and types.
CREATE FUNCTION playwright_stacks.calls_functions(rel oid) RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
      SELECT FROM pg_attribute a JOIN pg_type t ON t.oid = a.atttypid
      WHERE a.attrelid = rel AND a.attnum > 0 AND NOT a.attisdropped AND t.oid >= 16384 AND t.typtype <> 'e')
    OR playwright_stacks.depends_on_functions('pg_class', rel) -- Of generated columns, before Postgres 15.
    OR EXISTS (SELECT FROM pg_constraint k WHERE k.conrelid = rel AND playwright_stacks.depends_on_functions('pg_constraint', k.oid))
    OR EXISTS (SELECT FROM pg_attrdef d WHERE d.adrelid = rel AND playwright_stacks.depends_on_functions('pg_attrdef', d.oid))
    OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = rel AND playwright_stacks.depends_on_functions('pg_class', i.indexrelid));
$$;

-- Rows of a table that a publication publishes can be deleted only where something identifies them, which an application that only
-- inserts does not need. Commands that let a rewind delete them, and bring the table back to what it was; NULL where there is no need.
CREATE FUNCTION playwright_stacks.identify(rel oid, OUT full_identity text, OUT own_identity text) LANGUAGE sql STABLE AS $$
  SELECT format('ALTER TABLE ONLY %s REPLICA IDENTITY FULL', c.oid::regclass),
         format('ALTER TABLE ONLY %s REPLICA IDENTITY %s', c.oid::regclass, CASE c.relreplident
           WHEN 'd' THEN 'DEFAULT' WHEN 'n' THEN 'NOTHING'
           ELSE (SELECT format('USING INDEX %I', x.relname) FROM pg_index i JOIN pg_class x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid AND i.indisreplident) END)
  FROM pg_class c
  WHERE c.oid = rel AND c.relpersistence = 'p' AND c.relreplident <> 'f'
    AND EXISTS (SELECT FROM pg_publication p WHERE p.pubdelete OR p.pubupdate)
    AND (CASE c.relreplident WHEN 'd' THEN NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = rel AND i.indisprimary AND i.indisvalid)
           WHEN 'i' THEN NOT EXISTS (SELECT FROM pg_index i WHERE i.indrelid = rel AND i.indisreplident) ELSE true END
      -- From Postgres 15 on: a filter of rows may name columns that do not identify them.
      OR EXISTS (SELECT FROM pg_publication_rel r WHERE r.prrelid = rel AND to_jsonb(r) ->> 'prqual' IS NOT NULL))
    AND (c.relreplident <> 'i' OR EXISTS (SELECT FROM pg_index i WHERE i.indrelid = rel AND i.indisreplident));
$$;

-- To alter a table is DDL, and what an event trigger of the application wrote then would stay. Those of a superuser's session do not
-- fire from Postgres 17 on.
CREATE FUNCTION playwright_stacks.refuse_event_triggers(rel regclass) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  replica boolean := current_setting('session_replication_role') = 'replica';
BEGIN
  IF current_setting('event_triggers', true) IS DISTINCT FROM 'off'
     AND EXISTS (SELECT FROM pg_event_trigger WHERE evtenabled IN ('A', CASE WHEN replica THEN 'R' ELSE 'O' END) AND NOT starts_with(evtname, 'stk_on_')) THEN
    PERFORM playwright_stacks.give_up(CASE WHEN replica THEN 'always-trigger' ELSE 'privilege' END,
      format('%s has to be altered while it is undone, and an event trigger would fire', rel));
  END IF;
END $$;

-- The sum of the hashes of images: it does not depend on their order.
CREATE FUNCTION playwright_stacks.digest(images text[]) RETURNS numeric LANGUAGE plpgsql AS $$
BEGIN
  RETURN (SELECT sum(hashtextextended(image, 0)) FROM unnest(images) AS image);
END $$;

-- What was written back is read as text once more: a generated column is computed anew, and its function, the input of a type
-- or a setting may be another one by now.
CREATE FUNCTION playwright_stacks.written_otherwise(rel oid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  PERFORM playwright_stacks.give_up('check', format(
    'rows of %s cannot be written back as they were: a generated column or a type computes other values', rel::regclass));
END $$;

-- playwright_stacks.undo_<oid>(images to delete, images to insert, oldest transaction that may have written the former). It is exact:
-- rows are found by their key's index, or without one by looking at all that are young enough, and compared as a whole:
-- byte for byte, or as text where the bytes of equal values may differ.
CREATE FUNCTION playwright_stacks.write_undo(rel oid, obstacle text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  target text := rel::regclass; image text := playwright_stacks.image_sql(rel); key text := playwright_stacks.key_sql(rel); calls boolean := playwright_stacks.calls_functions(rel);
  columns text; fields text; deletes text; inserts text; full_identity text; own_identity text;
BEGIN
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum), string_agg(format('(n.r).%I', attname), ', ' ORDER BY attnum)
    INTO columns, fields
    FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  deletes := CASE WHEN key IS NOT NULL THEN format(
      'DELETE FROM ONLY %1$s AS "~stk~r" USING (SELECT i AS img, i::%1$s AS r FROM unnest(excess) AS i OFFSET 0) AS n
       WHERE %2$s AND ("~stk~r".* *= n.r OR %3$s = n.img);', target, key, image)
    ELSE format(
      'DELETE FROM ONLY %1$s AS "~stk~r" WHERE "~stk~r".ctid = ANY (ARRAY(
         SELECT d.at FROM (
           SELECT c.at, row_number() OVER (PARTITION BY c.img, c.at IS NULL) AS nth, count(*) FILTER (WHERE c.at IS NULL) OVER (PARTITION BY c.img) AS wanted
           FROM (SELECT "~stk~r".ctid AS at, %2$s AS img FROM ONLY %1$s AS "~stk~r" WHERE age("~stk~r".xmin) <= age(oldest)
                 UNION ALL SELECT NULL, i FROM unnest(excess) AS i) AS c) AS d
         WHERE d.at IS NOT NULL AND d.nth <= d.wanted));', target, image) END;
  SELECT i.full_identity, i.own_identity INTO full_identity, own_identity FROM playwright_stacks.identify(rel) i;
  full_identity := format('PERFORM playwright_stacks.refuse_event_triggers(%s); ', rel) || full_identity;
  deletes := concat_ws(E'\\n', full_identity || ';', deletes, 'GET DIAGNOSTICS changed = ROW_COUNT;', own_identity || ';');
  inserts := format(
      'WITH written AS (INSERT INTO %1$s AS "~stk~r" %2$s RETURNING %3$s AS img)
       SELECT pg_catalog.count(*), pg_catalog.sum(pg_catalog.hashtextextended(img, 0)) INTO changed, written FROM written;', target,
    CASE WHEN columns IS NOT NULL THEN format(
        '(%2$s) OVERRIDING SYSTEM VALUE SELECT %3$s FROM (SELECT i::%1$s AS r FROM pg_catalog.unnest(missing) AS i OFFSET 0) AS n', target, columns, fields)
      ELSE 'SELECT FROM pg_catalog.unnest(missing)' END,
    -- There search_path is the application's.
    CASE WHEN calls THEN format('playwright_stacks.image(%s, %s)', playwright_stacks.row_sql(rel), rel) ELSE image END);
  IF calls THEN
    EXECUTE format($f$CREATE OR REPLACE FUNCTION playwright_stacks.insert_%s(missing text[], OUT changed bigint, OUT written numeric) LANGUAGE plpgsql SET search_path = ${searchPath.replaceAll('%', '%%') || "''"} AS $stk_undo$
      #variable_conflict use_column
      BEGIN
        %s
      END $stk_undo$ $f$, rel, inserts);
    inserts := format('SELECT w.changed, w.written INTO changed, written FROM playwright_stacks.insert_%s(missing) AS w;', rel);
  END IF;
  EXECUTE format($f$CREATE OR REPLACE PROCEDURE playwright_stacks.undo_%1$s(excess text[], missing text[], oldest xid) LANGUAGE plpgsql AS $stk_undo$
    #variable_conflict use_variable
    DECLARE
      changed bigint; written numeric;
    BEGIN
      %2$s
      IF excess IS NOT NULL THEN
        %3$s
        IF changed <> cardinality(excess) THEN PERFORM playwright_stacks.unexpected('deleted', %1$s, cardinality(excess), changed); END IF;
      END IF;
      IF missing IS NOT NULL THEN
        %4$s
        IF changed <> cardinality(missing) THEN PERFORM playwright_stacks.unexpected('inserted', %1$s, cardinality(missing), changed); END IF;
        IF written <> playwright_stacks.digest(missing) THEN PERFORM playwright_stacks.written_otherwise(%1$s); END IF;
      END IF;
    END $stk_undo$ $f$, rel, CASE WHEN obstacle IS NOT NULL THEN format('PERFORM playwright_stacks.give_up(%L, %L);', 'always-trigger', obstacle)
      ELSE concat(CASE WHEN playwright_stacks.has_cast(rel) THEN format('PERFORM playwright_stacks.refuse_cast(%s);', rel) END,
        CASE WHEN playwright_stacks.is_of_others(rel) THEN format('PERFORM playwright_stacks.refuse_code_of_others(%s);', rel) END) END, deletes, inserts);
END $$;
`;
}
