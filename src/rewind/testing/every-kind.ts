// A schema with an object of every kind that can be changed beside the rows of tables.

/** Objects of every kind; `weak` owns them. Extensions and the foreign data wrapper are a superuser's. */
export const EVERY_KIND: string = `
  CREATE TABLE t (id int PRIMARY KEY, v int, s text); INSERT INTO t SELECT g, g, 'x' FROM generate_series(1, 5) g;
  CREATE TABLE child (t int REFERENCES t, CONSTRAINT positive CHECK (t > 0)); CREATE TABLE base (id int); CREATE TABLE inherited () INHERITS (base);
  CREATE INDEX t_v ON t ((v + 1)); CREATE SEQUENCE q; CREATE SCHEMA side; CREATE TABLE side.u (id int);
  CREATE TABLE parted (id int) PARTITION BY LIST (id); CREATE TABLE parted1 PARTITION OF parted FOR VALUES IN (1);
  CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b int); CREATE DOMAIN small AS int; CREATE TYPE span AS RANGE (subtype = float8);
  CREATE FUNCTION f(int) RETURNS int LANGUAGE sql AS 'SELECT $1'; CREATE FUNCTION g() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN new; END';
  CREATE FUNCTION pair_text(pair) RETURNS text LANGUAGE sql AS 'SELECT ($1).a::text'; CREATE FUNCTION smaller(pair, pair) RETURNS bool LANGUAGE sql AS 'SELECT ($1).a < ($2).a';
  CREATE PROCEDURE p() LANGUAGE sql AS 'SELECT 1'; CREATE AGGREGATE total (int) (sfunc = int4pl, stype = int);
  CREATE OPERATOR <<< (LEFTARG = pair, RIGHTARG = pair, PROCEDURE = smaller); CREATE CAST (mood AS int) WITH FUNCTION f2(mood);
  CREATE VIEW w AS SELECT id, v FROM t; CREATE RULE r AS ON INSERT TO w DO INSTEAD NOTHING; CREATE RULE r2 AS ON INSERT TO side.u DO ALSO NOTHING; CREATE MATERIALIZED VIEW m AS SELECT id, v FROM t; CREATE UNIQUE INDEX ON m (id);
  CREATE TRIGGER own BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION g(); CREATE POLICY pol ON side.u USING (true);
  CREATE TEXT SEARCH DICTIONARY dict (TEMPLATE = simple); CREATE TEXT SEARCH CONFIGURATION conf (COPY = simple);
  CREATE COLLATION coll (locale = 'C'); CREATE CONVERSION conv FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8; CREATE STATISTICS st ON id, v FROM t;
  CREATE PUBLICATION pub FOR TABLE t; CREATE SERVER srv FOREIGN DATA WRAPPER postgres_fdw; CREATE USER MAPPING FOR PUBLIC SERVER srv;
  CREATE FOREIGN TABLE far (a text) SERVER srv OPTIONS (table_name 'x'); COMMENT ON TABLE t IS 'before'; ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC; GRANT SELECT ON child TO other`.replace(
  'CREATE CAST',
  `CREATE FUNCTION f2(mood) RETURNS int LANGUAGE sql AS 'SELECT 1'; CREATE CAST`,
);

/** By a superuser before that. */
export const SUPERUSER_FIRST: string = `CREATE EXTENSION postgres_fdw; GRANT USAGE ON FOREIGN DATA WRAPPER postgres_fdw TO weak; CREATE EXTENSION citext;
  CREATE FUNCTION noop() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END'; CREATE EVENT TRIGGER theirs ON ddl_command_start WHEN TAG IN ('CREATE CONVERSION') EXECUTE FUNCTION noop();
  CREATE OPERATOR FAMILY fam USING btree`;
