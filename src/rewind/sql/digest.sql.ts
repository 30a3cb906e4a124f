// Where event triggers cannot be made (no superuser), DDL is noticed by a digest of the catalog: exact for what changes a
// result, blind to what ANALYZE, VACUUM, REINDEX, TRUNCATE and temporary tables change there. The digest takes long, and is only
// worked out where rows of the catalog are others than last time.

// The catalogs that are in it, and which of their rows may be the application's.
const CATALOGS = {
  pg_namespace: 'true',
  pg_class: 'oid >= 16384',
  pg_attribute: 'attrelid >= 16384',
  pg_index: 'indexrelid >= 16384',
  pg_attrdef: 'true',
  pg_constraint: 'oid >= 16384',
  pg_trigger: 'true',
  pg_rewrite: 'oid >= 16384',
  pg_policy: 'true',
  pg_inherits: 'true',
  pg_sequence: 'true',
  pg_proc: 'oid >= 16384',
  pg_type: 'oid >= 16384',
  pg_enum: 'true',
  pg_extension: 'true',
};

export const digestSql: string = `
CREATE FUNCTION stk.catalog_digest() RETURNS text LANGUAGE sql STABLE
  SET enable_seqscan = on SET enable_hashjoin = on SET plan_cache_mode = auto AS $$
  WITH space AS MATERIALIZED (
    SELECT * FROM pg_namespace WHERE nspname NOT IN ('stk', 'information_schema', 'pg_catalog') AND nspname !~ '^pg_(toast|temp)'),
  rel AS MATERIALIZED (SELECT c.* FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM space)),
  part(what) AS (
    SELECT space::text FROM space
    UNION ALL SELECT concat_ws('|', oid, relname, relnamespace, relkind, relowner, relpersistence, relrowsecurity, relforcerowsecurity,
      relispartition, relreplident, relacl, reloptions, relpartbound, CASE relkind WHEN 'm' THEN relfilenode END) FROM rel
    UNION ALL SELECT concat_ws('|', attrelid, attnum, attname, atttypid, atttypmod, attnotnull, atthasdef, attidentity, attgenerated,
      attisdropped, attstorage, attcollation, attacl) FROM pg_attribute JOIN rel ON rel.oid = attrelid WHERE attnum > 0
    UNION ALL SELECT concat_ws('|', indexrelid, indisvalid, indkey) FROM pg_index JOIN rel ON rel.oid = indexrelid
    UNION ALL SELECT d::text FROM pg_attrdef d JOIN rel ON rel.oid = d.adrelid
    UNION ALL SELECT k::text FROM pg_constraint k WHERE k.connamespace IN (SELECT oid FROM space)
    -- Ours with who wrote them last: whoever switched one off and on again may have written rows in between.
    UNION ALL SELECT concat_ws('|', t, CASE WHEN starts_with(t.tgname, '~stk_') THEN t.xmin END) FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid
    UNION ALL SELECT r::text FROM pg_rewrite r JOIN rel ON rel.oid = r.ev_class
    UNION ALL SELECT p::text FROM pg_policy p JOIN rel ON rel.oid = p.polrelid
    UNION ALL SELECT i::text FROM pg_inherits i JOIN rel ON rel.oid = i.inhrelid
    UNION ALL SELECT s::text FROM pg_sequence s JOIN rel ON rel.oid = s.seqrelid
    UNION ALL SELECT f::text FROM pg_proc f WHERE f.pronamespace IN (SELECT oid FROM space)
    UNION ALL SELECT y::text FROM pg_type y WHERE y.typnamespace IN (SELECT oid FROM space)
    UNION ALL SELECT e::text FROM pg_enum e
    UNION ALL SELECT x::text FROM pg_extension x)
  SELECT concat(count(*), ' ', sum(hashtextextended(what, 0))) FROM part;
$$;

-- How many rows these are; NULL where one may be younger than the snapshot. Ages grow: both are asked at once, the row's first.
-- In PL/pgSQL, because its plan is kept.
CREATE FUNCTION stk.catalog_rows(since pg_snapshot) RETURNS bigint LANGUAGE plpgsql STABLE
  SET enable_seqscan = on AS $$
BEGIN
  RETURN (SELECT CASE WHEN sum(young) = 0 THEN sum(n)::bigint END FROM (
    ${Object.entries(CATALOGS).map(countRows).join('\n    UNION ALL ')}) c);
END $$;

-- When the digest was worked out, and of how many rows. One that came since, or was changed, is younger than the oldest transaction
-- of that snapshot; where none is, and the number is the same, none is gone either: they are the same rows.
CREATE TABLE stk.look (digest text, n bigint, at pg_snapshot);
INSERT INTO stk.look VALUES (NULL, NULL, NULL);
CREATE FUNCTION stk.catalog_now() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  seen text;
BEGIN
  SELECT digest INTO seen FROM stk.look WHERE n = stk.catalog_rows(at);
  IF seen IS NULL THEN
    UPDATE stk.look SET (digest, n, at) = (SELECT stk.catalog_digest(), stk.catalog_rows(NULL), pg_current_snapshot())
      RETURNING digest INTO seen;
  END IF;
  RETURN seen;
END $$;
`;

function countRows([catalog, ours]: [string, string]): string {
  return `SELECT count(*) AS n, count(*) FILTER (WHERE age(xmin) <= age(stk.oldest(since))) AS young FROM ${catalog} WHERE ${ours}`;
}
