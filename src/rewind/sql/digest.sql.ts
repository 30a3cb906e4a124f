// Where event triggers cannot be made (no superuser), DDL is noticed by a digest of the catalog: exact for what changes a
// result, blind to what ANALYZE, VACUUM, REINDEX, TRUNCATE and temporary tables change there. The digest takes long, and is only
// worked out where rows of the catalog are others than last time.
import { CATALOGS, type Catalog } from './catalogs.ts';

/** @param version server_version_num */
export function digestSql(version: number): string {
  const catalogs = Object.entries(CATALOGS).filter(([, { since = 0 }]) => version >= since * 10_000);
  return `
-- Writes playwright_stacks.catalog_digest(), whose parts name the columns that this version of Postgres has.
CREATE FUNCTION playwright_stacks.write_digest() RETURNS void LANGUAGE plpgsql AS $write$
BEGIN
  EXECUTE format($digest$
    CREATE OR REPLACE FUNCTION playwright_stacks.catalog_digest() RETURNS text LANGUAGE sql STABLE
      SET enable_seqscan = on SET enable_hashjoin = on SET plan_cache_mode = auto AS $parts$
      WITH space AS MATERIALIZED (
        SELECT oid FROM pg_namespace WHERE nspname NOT IN ('playwright_stacks', 'information_schema', 'pg_catalog') AND nspname !~ '^pg_(toast|temp)'),
      rel AS MATERIALIZED (SELECT c.oid, c.relkind FROM pg_class c WHERE c.relnamespace IN (SELECT oid FROM space)),
      part(what) AS (
        %s)
      SELECT concat(count(*), ' ', sum(hashtextextended(what, 0))) FROM part
    $parts$ $digest$, (
    SELECT string_agg(format('SELECT %L || ROW(%s)::text FROM %s WHERE %s', c.name, concat_ws(', ', (
        SELECT string_agg(quote_ident(attname), ', ' ORDER BY attnum) FROM pg_attribute
        WHERE attrelid = c.name::regclass AND attnum > 0 AND attname <> ALL (c.without)), c.addition), c.name, c.rows), ' UNION ALL ')
    FROM (VALUES
      ${catalogs.map(describe).join(',\n      ')}
    ) AS c(name, rows, without, addition)));
END $write$;
SELECT playwright_stacks.write_digest();

-- How many rows these are; NULL where one may be younger than the snapshot. Ages stand still within a transaction.
-- In PL/pgSQL, because its plan is kept.
CREATE FUNCTION playwright_stacks.catalog_rows(since pg_snapshot) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
  oldest integer := age(playwright_stacks.oldest(since));
BEGIN
  RETURN (SELECT CASE WHEN count(*) FILTER (WHERE age(writer) <= oldest) = 0 THEN count(*) END FROM (
    ${catalogs.map(([catalog, { look }]) => `SELECT xmin AS writer FROM ${catalog} WHERE ${look}`).join('\n    UNION ALL ')}) c);
END $$;

-- When the digest was worked out, and of how many rows. One that came since, or was changed, is younger than the oldest transaction
-- of that snapshot; where none is, and the number is the same, none is gone either: they are the same rows.
CREATE UNLOGGED TABLE playwright_stacks.look (digest text, n bigint, at pg_snapshot);
INSERT INTO playwright_stacks.look VALUES (NULL, NULL, NULL);
CREATE FUNCTION playwright_stacks.catalog_now() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
  seen text;
BEGIN
  SELECT digest INTO seen FROM playwright_stacks.look WHERE n = playwright_stacks.catalog_rows(at);
  IF seen IS NULL THEN
    UPDATE playwright_stacks.look SET (digest, n, at) = (SELECT playwright_stacks.catalog_digest(), playwright_stacks.catalog_rows(NULL), pg_current_snapshot())
      RETURNING digest INTO seen;
  END IF;
  RETURN seen;
END $$;
`;
}

function describe([name, { digest, without = [], and }]: [string, Catalog]): string {
  const text = (value: string) => `'${value.replaceAll("'", "''")}'`;
  return `(${text(name)}, ${text(digest)}, ${text(`{${without}}`)}::text[], ${and ? text(and) : 'NULL'})`;
}
