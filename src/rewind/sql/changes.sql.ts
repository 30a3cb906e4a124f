// The net row changes since a mark, as JSON: one line a row image that came to be (1) or is gone (-1), and one a table with
// their number (0). Counted, chosen and cut here: whoever asks never holds more than it asked for.

export const changesSql: string = `
-- The columns of a relation's key, NULL without one; and that they are ordered by, as its index orders them.
CREATE FUNCTION playwright_stacks.key_columns(rel oid) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(a.attname::text ORDER BY k)
  FROM pg_index i, generate_series(0, i.indnkeyatts - 1) AS k, pg_attribute a
  WHERE i.indexrelid = playwright_stacks.key_index(rel) AND a.attrelid = rel AND a.attnum = i.indkey[k];
$$;

CREATE FUNCTION playwright_stacks.key_order(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT 'ORDER BY ' || string_agg(format('(r).%I USING OPERATOR(%I.%s)', a.attname, ns.nspname, o.oprname), ', ' ORDER BY k)
  FROM pg_index i, generate_series(0, i.indnkeyatts - 1) AS k, pg_attribute a, pg_opclass c, pg_amop m, pg_operator o, pg_namespace ns
  WHERE i.indexrelid = playwright_stacks.key_index(rel) AND a.attrelid = rel AND a.attnum = i.indkey[k] AND c.oid = i.indclass[k]
    AND m.amopfamily = c.opcfamily AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype AND m.amopstrategy = 1
    AND o.oid = m.amopopr AND ns.oid = o.oprnamespace;
$$;

-- Whether to_jsonb would call other functions than Postgres' own, for types that have casts to json: the application's, or an
-- extension's. PostGIS' gives GeoJSON, which rounds, and which some shapes cannot be. hstore's say all that there is; they are
-- written in C: whoever owns the database can put casts of its own into it.
CREATE FUNCTION playwright_stacks.has_json_casts() RETURNS boolean LANGUAGE sql STABLE AS $$
  SELECT EXISTS (
    SELECT FROM pg_cast c WHERE c.casttarget IN ('json'::regtype, 'jsonb'::regtype) AND c.oid >= 16384
      AND NOT EXISTS (SELECT FROM pg_depend e JOIN pg_extension x ON x.oid = e.refobjid
                      JOIN pg_proc p ON p.oid = c.castfunc JOIN pg_language l ON l.oid = p.prolang AND l.lanname = 'c'
                      WHERE e.classid = 'pg_cast'::regclass AND e.objid = c.oid AND e.deptype = 'e' AND x.extname = 'hstore'));
$$;

-- A column of a row r as JSON: an expression. concat writes values by the output of their type, which no cast takes part in.
CREATE FUNCTION playwright_stacks.as_json(name name, type oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT format(CASE WHEN type < 16384 OR NOT playwright_stacks.has_json_casts() THEN 'to_jsonb((r).%1$I)'
    ELSE 'CASE num_nulls((r).%1$I) WHEN 0 THEN to_jsonb(concat((r).%1$I)) END' END, name);
$$;

-- A row r as JSON, its image being i: an expression. Whole numbers beyond 2^53 and long decimals are strings, since JSON
-- readers would round them.
CREATE FUNCTION playwright_stacks.exact(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT CASE WHEN playwright_stacks.has_json_casts() THEN '''{}''::jsonb' || coalesce(string_agg(
           format(' || jsonb_build_object(%L, %s)', attname, playwright_stacks.as_json(attname, atttypid)), '' ORDER BY attnum), '')
         ELSE 'to_jsonb(r)' END
    || coalesce(string_agg(format(
         ' || CASE WHEN length(ltrim((r).%1$I::text, ''-'')) > 15 THEN jsonb_build_object(%2$L, (r).%1$I::text) ELSE ''{}'' END', attname, attname), ''
         ORDER BY attnum) FILTER (WHERE atttypid IN ('int8'::regtype, 'numeric'::regtype)), '')
  FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped;
$$;

-- The same with the first characters only of values that are longer than $6, and {column: length} of those that are cut.
CREATE FUNCTION playwright_stacks.cut(rel oid, OUT "row" text, OUT cut text) LANGUAGE sql STABLE AS $$
  SELECT 'CASE WHEN octet_length(i) <= $6 THEN ' || playwright_stacks.exact(rel) || ' ELSE ''{}''' || coalesce(string_agg(format(
           ' || jsonb_build_object(%2$L, CASE WHEN length(concat((r).%1$I)) > $6 THEN to_jsonb(left(concat((r).%1$I), $6)) %3$s ELSE %4$s END)',
           attname, attname, CASE WHEN atttypid IN ('int8'::regtype, 'numeric'::regtype) THEN
             format('WHEN length(ltrim((r).%1$I::text, ''-'')) > 15 THEN to_jsonb((r).%1$I::text)', attname) END,
           playwright_stacks.as_json(attname, atttypid)), '' ORDER BY attnum), '') || ' END',
         'CASE WHEN octet_length(i) > $6 THEN jsonb_strip_nulls(''{}''' || coalesce(string_agg(format(
           ' || jsonb_build_object(%2$L, CASE WHEN length(concat((r).%1$I)) > $6 THEN length(concat((r).%1$I)) END)',
           attname, attname), '' ORDER BY attnum), '') || ') END'
  FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped;
$$;

-- most: images. bytes: with more of either there are none, only the numbers; NULL: the first \`most\` in any case, values
-- cut to \`longest\` characters.
CREATE FUNCTION playwright_stacks.changes(mark integer, most bigint, bytes bigint, longest integer)
RETURNS TABLE ("table" text, key jsonb, sign integer, "row" jsonb, cut jsonb) LANGUAGE plpgsql AS $$
DECLARE
  m record; r record; rels oid[] := '{}'; names text[] := '{}'; images numeric := 0; total numeric := 0; expressions record; found bigint;
BEGIN
  PERFORM playwright_stacks.lock();
  m := playwright_stacks.rewindable(mark);
  FOR r IN
    SELECT net.rel, coalesce((SELECT pg_partition_root(net.rel)), net.rel)::regclass::text AS name,
           coalesce(sum(k) FILTER (WHERE k > 0), 0) AS come, coalesce(sum(-k) FILTER (WHERE k < 0), 0) AS gone, sum(abs(k) * octet_length(img)) AS bytes
    FROM (SELECT i.rel, img, sum(CASE op WHEN 'N' THEN 1 ELSE -1 END) AS k FROM playwright_stacks.images(mark, m.snap) i GROUP BY i.rel, img) AS net
    WHERE k <> 0 GROUP BY net.rel ORDER BY name, net.rel
  LOOP
    rels := rels || r.rel; names := names || r.name;
    images := images + r.come + r.gone; total := total + r.bytes;
    RETURN QUERY SELECT r.name, NULL::jsonb, 0, jsonb_build_object('come', r.come, 'gone', r.gone, 'bytes', r.bytes), NULL::jsonb;
  END LOOP;
  IF images > most AND bytes IS NOT NULL OR total > bytes THEN RETURN; END IF;
  FOR n IN 1 .. cardinality(rels) LOOP
    PERFORM playwright_stacks.refuse_cast(rels[n]);
    PERFORM playwright_stacks.refuse_code_of_others(rels[n]);
    expressions := playwright_stacks.cut(rels[n]);
    RETURN QUERY EXECUTE format(
      'WITH net AS MATERIALIZED (
         SELECT img, sum(CASE op WHEN ''N'' THEN 1 ELSE -1 END) AS c FROM playwright_stacks.images($1, $2) WHERE rel = $3
         GROUP BY img HAVING sum(CASE op WHEN ''N'' THEN 1 ELSE -1 END) <> 0),
       first AS (SELECT i, c, r FROM (SELECT img AS i, c, img::%1$s AS r FROM net OFFSET 0) AS n %2$s LIMIT $5)
       SELECT $4, CASE WHEN $7 IS NOT NULL THEN (SELECT jsonb_object_agg(k, j -> k) FROM unnest($7) AS k) END, sign(c)::integer, j, x
       FROM (SELECT c, %3$s AS j, %4$s AS x FROM first OFFSET 0) AS e, generate_series(1, abs(c)) LIMIT $5',
      rels[n]::regclass, playwright_stacks.key_order(rels[n]), CASE WHEN longest IS NULL THEN playwright_stacks.exact(rels[n]) ELSE expressions."row" END,
      CASE WHEN longest IS NULL THEN 'NULL::jsonb' ELSE expressions.cut END)
      USING mark, m.snap, rels[n], names[n], most, longest, playwright_stacks.key_columns(rels[n]);
    GET DIAGNOSTICS found = ROW_COUNT;
    most := most - found;
    EXIT WHEN most <= 0;
  END LOOP;
END $$;
`;
