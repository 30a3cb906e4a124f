// The undo of a role that may not set session_replication_role: foreign keys and triggers hold for it too. All tables are
// undone by one statement, because foreign keys are checked at its end: by then everything is as it was at the mark, where
// they held, and the action of a key that is gone meets no row. What the actions write all the same is counted, for it is
// not to be.

/** @param searchPath under which the application's CHECK constraints, defaults and indexes find their functions */
export function togetherSql(searchPath: string): string {
  return `
-- What is to be done with a table: images to delete, images to insert, and pairs of images with the same key to update.
CREATE TYPE playwright_stacks.net AS (rel oid, excess text[], missing text[], old text[], new text[]);

-- The steps of each table; ~stk~# stands for its place in the statement. pairing: NULL where no row need be updated.
CREATE UNLOGGED TABLE playwright_stacks.step (rel oid PRIMARY KEY, calls boolean NOT NULL, image text NOT NULL, pairing text, deletes text NOT NULL, updates text, inserts text NOT NULL);

CREATE FUNCTION playwright_stacks.write_steps(rel oid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  target text := rel::regclass; calls boolean := playwright_stacks.calls_functions(rel); image text := playwright_stacks.image_sql(rel); key text := playwright_stacks.key_sql(rel);
  same text; columns text; fields text; sets text;
BEGIN
  -- Of the statement's search_path, which is the application's where any of its tables calls functions.
  IF calls OR playwright_stacks.text_of(rel) = 'unsteady' THEN image := format('playwright_stacks.image(%s, %s)', playwright_stacks.row_sql(rel), rel); END IF;
  SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum), string_agg(format('(n.r).%I', attname), ', ' ORDER BY attnum),
         string_agg(format('%1$I = (n.new).%1$I', attname), ', ' ORDER BY attnum) FILTER (WHERE attidentity <> 'a'),
         string_agg(format(' AND (n.r).%1$I OPERATOR(pg_catalog.=) (m.r).%1$I', attname), '') FILTER (WHERE attidentity = 'a')
    INTO columns, fields, sets, same
    FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
  INSERT INTO playwright_stacks.step VALUES (rel, calls, image,
    CASE WHEN sets IS NOT NULL AND EXISTS (SELECT FROM pg_constraint WHERE confrelid = rel AND contype = 'f' AND confdeltype <> 'a')
      THEN replace(key, '"~stk~r".', '(m.r).') || coalesce(same, '') END,
    CASE WHEN key IS NOT NULL THEN format(
      'DELETE FROM ONLY %1$s AS "~stk~r" USING (SELECT i AS img, i::%1$s AS r FROM pg_catalog.unnest(($1[~stk~#]).excess) AS i OFFSET 0) AS n
       WHERE %2$s AND ("~stk~r".* OPERATOR(pg_catalog.*=) n.r OR %3$s OPERATOR(pg_catalog.=) n.img)', target, key, image)
    ELSE format(
      'DELETE FROM ONLY %1$s AS "~stk~r" WHERE "~stk~r".ctid OPERATOR(pg_catalog.=) ANY (ARRAY(
         SELECT d.at FROM (
           SELECT c.at, pg_catalog.row_number() OVER (PARTITION BY c.img, c.at IS NULL) AS nth, pg_catalog.count(*) FILTER (WHERE c.at IS NULL) OVER (PARTITION BY c.img) AS wanted
           FROM (SELECT "~stk~r".ctid AS at, %2$s AS img FROM ONLY %1$s AS "~stk~r" WHERE pg_catalog.age("~stk~r".xmin) OPERATOR(pg_catalog.<=) pg_catalog.age($2)
                 UNION ALL SELECT NULL, i FROM pg_catalog.unnest(($1[~stk~#]).excess) AS i) AS c) AS d
         WHERE d.at IS NOT NULL AND d.nth OPERATOR(pg_catalog.<=) d.wanted))', target, image) END,
    format(
      'UPDATE ONLY %1$s AS "~stk~r" SET %2$s
       FROM (SELECT o AS img, o::%1$s AS r, w::%1$s AS new FROM ROWS FROM (pg_catalog.unnest(($1[~stk~#]).old), pg_catalog.unnest(($1[~stk~#]).new)) AS u(o, w) OFFSET 0) AS n
       WHERE %3$s AND ("~stk~r".* OPERATOR(pg_catalog.*=) n.r OR %4$s OPERATOR(pg_catalog.=) n.img)', target, sets, key, image),
    CASE WHEN columns IS NOT NULL THEN format(
      'INSERT INTO %1$s AS "~stk~r" (%2$s) OVERRIDING SYSTEM VALUE SELECT %3$s FROM (SELECT i::%1$s AS r FROM pg_catalog.unnest(($1[~stk~#]).missing) AS i OFFSET 0) AS n WHERE true',
      target, columns, fields)
    ELSE format('INSERT INTO %1$s AS "~stk~r" SELECT FROM pg_catalog.unnest(($1[~stk~#]).missing) WHERE true', target) END);
END $$;

CREATE FUNCTION playwright_stacks.undo_together(nets playwright_stacks.net[], oldest xid) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
  rels oid[] := ARRAY(SELECT rel FROM unnest(nets)); path text := current_setting('search_path');
  back text[]; command text; plan record; actual bigint[]; written numeric[]; before bigint;
BEGIN
  PERFORM playwright_stacks.refuse_bound(rels);
  nets := ARRAY(SELECT playwright_stacks.pair(n) FROM unnest(nets) AS n);
  plan := playwright_stacks.plan(nets);
  back := playwright_stacks.silence(rels);
  before := playwright_stacks.tuples();
  IF plan.calls THEN PERFORM set_config('search_path', '${searchPath.replaceAll("'", "''")}', true); END IF;
  EXECUTE plan.statement INTO actual, written USING nets, oldest;
  -- What is deferred too: an open check would keep the triggers from coming back.
  SET CONSTRAINTS ALL IMMEDIATE;
  PERFORM set_config('search_path', path, true);
  PERFORM playwright_stacks.unexpected(plan.whats[n], plan.rels[n], plan.counts[n], actual[n])
    FROM generate_subscripts(actual, 1) AS n WHERE plan.counts[n] <> actual[n];
  PERFORM playwright_stacks.written_otherwise(plan.rels[n]) FROM generate_subscripts(actual, 1) AS n WHERE plan.digests[n] <> written[n];
  IF playwright_stacks.tuples() - before <> (SELECT sum(n) FROM unnest(actual) AS n) THEN
    RAISE EXCEPTION 'the action of a foreign key wrote % other rows', playwright_stacks.tuples() - before - (SELECT sum(n) FROM unnest(actual) AS n) USING ERRCODE = '23503';
  END IF;
  FOREACH command IN ARRAY back LOOP EXECUTE command; END LOOP;
END $$;

-- What would bind us, and cannot be set aside by a table's owner without keeping readers out.
CREATE FUNCTION playwright_stacks.refuse_bound(rels oid[]) RETURNS void LANGUAGE sql AS $$
  SELECT playwright_stacks.give_up('privilege', format('%s has a rule, which fires for a role that may not set session_replication_role', ev_class::regclass))
    FROM pg_rewrite WHERE ev_class = ANY (rels) AND ev_enabled IN ('O', 'A');
  SELECT playwright_stacks.give_up('privilege', format('%s has row-level security that binds this role', rel::regclass))
    FROM unnest(rels) AS rel WHERE row_security_active(rel);
  SELECT playwright_stacks.refuse_cast(rel) FROM unnest(rels) AS rel;
  SELECT playwright_stacks.refuse_code_of_others(rel) FROM unnest(rels) AS rel;
$$;

-- A row that others refer to is not deleted and inserted again where that would set off an action: it is updated.
CREATE FUNCTION playwright_stacks.pair(net playwright_stacks.net) RETURNS playwright_stacks.net LANGUAGE plpgsql SET enable_hashjoin = on AS $$
DECLARE
  pairing text := (SELECT s.pairing FROM playwright_stacks.step s WHERE s.rel = net.rel);
BEGIN
  IF pairing IS NULL OR net.excess IS NULL OR net.missing IS NULL THEN RETURN net; END IF;
  EXECUTE format(
    'SELECT array_agg(n.img), array_agg(m.img) FROM (SELECT i AS img, i::%1$s AS r FROM unnest($1) AS i OFFSET 0) AS n
     JOIN (SELECT i AS img, i::%1$s AS r FROM unnest($2) AS i OFFSET 0) AS m ON %2$s', net.rel::regclass, pairing)
    INTO net.old, net.new USING net.excess, net.missing;
  net.excess := ARRAY(SELECT unnest(net.excess) EXCEPT ALL SELECT unnest(net.old));
  net.missing := ARRAY(SELECT unnest(net.missing) EXCEPT ALL SELECT unnest(net.new));
  RETURN net;
END $$;

-- The statement, and how many rows each of its steps is to write. In a table deletes come first, for the sake of its
-- unique indexes.
CREATE FUNCTION playwright_stacks.plan(nets playwright_stacks.net[], OUT statement text, OUT calls boolean, OUT rels oid[], OUT whats text[], OUT counts bigint[], OUT digests numeric[]) LANGUAGE sql AS $$
  SELECT format('WITH %s SELECT ARRAY[%s], ARRAY[%s]',
      string_agg(format('"%s%s" AS (%s RETURNING %s AS img)', s.what, n.nth, replace(s.sql, '~stk~#', n.nth::text), CASE s.what WHEN 'deleted' THEN 'NULL' ELSE t.image END), ', ' ORDER BY n.nth, s.step),
      string_agg(format('(SELECT pg_catalog.count(*) FROM "%s%s")', s.what, n.nth), ', ' ORDER BY n.nth, s.step),
      string_agg(format('(SELECT pg_catalog.sum(pg_catalog.hashtextextended(img, 0)) FROM "%s%s")', s.what, n.nth), ', ' ORDER BY n.nth, s.step)),
    bool_or(t.calls), array_agg(n.rel ORDER BY n.nth, s.step), array_agg(s.what ORDER BY n.nth, s.step), array_agg(s.count ORDER BY n.nth, s.step),
    array_agg(playwright_stacks.digest(s.written) ORDER BY n.nth, s.step)
  FROM unnest(nets) WITH ORDINALITY AS n(rel, excess, missing, old, new, nth) JOIN playwright_stacks.step t USING (rel),
    LATERAL (SELECT
      CASE WHEN cardinality(n.excess) > 0 THEN ' AND (SELECT pg_catalog.count(*) FROM "deleted~stk~#") OPERATOR(pg_catalog.>=) 0' ELSE '' END,
      CASE WHEN cardinality(n.old) > 0 THEN ' AND (SELECT pg_catalog.count(*) FROM "updated~stk~#") OPERATOR(pg_catalog.>=) 0' ELSE '' END) AS after(deletes, updates),
    LATERAL (VALUES
      (1, 'deleted', cardinality(n.excess), t.deletes, NULL),
      (2, 'updated', cardinality(n.old), t.updates || after.deletes, n.new),
      (3, 'inserted', cardinality(n.missing), t.inserts || after.deletes || after.updates, n.missing)) AS s(step, what, count, sql, written)
  WHERE s.count > 0;
$$;

-- Switches the application's triggers off for this transaction: nobody else sees that. Returns what switches them on again.
-- Those of statements also where rows refer to these: the action of a foreign key is a statement, even if it meets no row.
CREATE FUNCTION playwright_stacks.silence(rels oid[]) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
  r record; back text[] := '{}';
BEGIN
  FOR r IN
    SELECT t.tgrelid::regclass AS rel, string_agg(format('DISABLE TRIGGER %I', t.tgname), ', ') AS disable,
           string_agg(format(CASE t.tgenabled WHEN 'A' THEN 'ENABLE ALWAYS TRIGGER %I' ELSE 'ENABLE TRIGGER %I' END, t.tgname), ', ') AS enable
    FROM pg_trigger t LEFT JOIN pg_constraint k ON k.oid = t.tgconstraint
    WHERE (t.tgrelid = ANY (rels) OR t.tgtype & 1 = 0 AND t.tgrelid IN (SELECT conrelid FROM pg_constraint WHERE contype = 'f' AND confrelid = ANY (rels)))
      AND t.tgenabled IN ('O', 'A') AND NOT starts_with(t.tgname, '~stk_')
      AND t.tgtype & 28 <> 0 AND coalesce(k.contype = 't', true) -- of rows, not only of TRUNCATE; not those of foreign keys
    GROUP BY t.tgrelid
  LOOP
    PERFORM playwright_stacks.refuse_event_triggers(r.rel);
    EXECUTE format('ALTER TABLE ONLY %s %s', r.rel, r.disable);
    back := back || format('ALTER TABLE ONLY %s %s', r.rel, r.enable);
  END LOOP;
  FOR r IN
    SELECT rel, identity.* FROM unnest(rels) AS rel, playwright_stacks.identify(rel) AS identity WHERE identity.full_identity IS NOT NULL
  LOOP
    PERFORM playwright_stacks.refuse_event_triggers(r.rel);
    EXECUTE r.full_identity;
    back := back || r.own_identity;
  END LOOP;
  RETURN back;
END $$;

-- Rows that this transaction has written so far.
CREATE FUNCTION playwright_stacks.tuples() RETURNS bigint LANGUAGE sql AS $$
  SELECT sum(pg_stat_get_xact_tuples_inserted(rel) + pg_stat_get_xact_tuples_updated(rel) + pg_stat_get_xact_tuples_deleted(rel))::bigint FROM playwright_stacks.rel;
$$;
`;
}
