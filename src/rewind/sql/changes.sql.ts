// The net row changes since a mark, as JSON: one line a row image that came to be (1) or is gone (-1).

export const changesSql: string = `
-- The columns of a relation's key, NULL without one.
CREATE FUNCTION stk.key_columns(rel oid) RETURNS text[] LANGUAGE sql STABLE AS $$
  SELECT array_agg(a.attname::text ORDER BY k)
  FROM pg_index i, generate_series(0, i.indnkeyatts - 1) AS k, pg_attribute a
  WHERE i.indexrelid = stk.key_index(rel) AND a.attrelid = rel AND a.attnum = i.indkey[k];
$$;

-- Whole numbers beyond 2^53 and long decimals as strings: JSON readers would round them.
CREATE FUNCTION stk.exact(rel oid) RETURNS text LANGUAGE sql STABLE AS $$
  SELECT 'to_jsonb(r)' || coalesce(string_agg(format(
    ' || CASE WHEN length(ltrim((r).%1$I::text, ''-'')) > 15 THEN jsonb_build_object(%2$L, (r).%1$I::text) ELSE ''{}'' END', attname, attname), ''
    ORDER BY attnum), '')
  FROM pg_attribute WHERE attrelid = rel AND attnum > 0 AND NOT attisdropped AND atttypid IN ('int8'::regtype, 'numeric'::regtype);
$$;

CREATE FUNCTION stk.changes(mark integer) RETURNS TABLE ("table" text, key jsonb, sign integer, "row" jsonb) LANGUAGE plpgsql AS $$
DECLARE
  m record; r record;
BEGIN
  PERFORM stk.lock();
  m := stk.rewindable(mark);
  FOR r IN
    SELECT net.rel, array_agg(net.img) AS images, array_agg(net.k) AS counts, stk.key_columns(net.rel) AS keys,
           coalesce((SELECT pg_partition_root(net.rel)), net.rel)::regclass::text AS name
    FROM (SELECT rel, img, sum(CASE op WHEN 'N' THEN 1 ELSE -1 END) AS k FROM stk.images(mark, m.snap) GROUP BY rel, img) AS net
    WHERE net.k <> 0 GROUP BY net.rel
  LOOP
    RETURN QUERY EXECUTE format(
      'SELECT $1, CASE WHEN $2 IS NOT NULL THEN (SELECT jsonb_object_agg(k, j -> k) FROM unnest($2) AS k) END, sign(c)::integer, j
       FROM (SELECT c, %s AS j FROM (SELECT c, i::%s AS r FROM unnest($3, $4) AS u(i, c) OFFSET 0) AS n OFFSET 0) AS e,
            generate_series(1, abs(c))', stk.exact(r.rel), r.rel::regclass)
      USING r.name, r.keys, r.images, r.counts;
  END LOOP;
END $$;
`;
