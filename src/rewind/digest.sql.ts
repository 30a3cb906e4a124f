// Where event triggers cannot be made (no superuser), DDL is noticed by a digest of the catalog: exact for what changes a
// result, blind to what ANALYZE, VACUUM, REINDEX, TRUNCATE and temporary tables change there.

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
    UNION ALL SELECT t::text FROM pg_trigger t JOIN rel ON rel.oid = t.tgrelid
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
`;
