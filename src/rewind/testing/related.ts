// Kinds of tables that stand in relation to others: partitions, inheritance, foreign keys, rules, views, triggers.
import { BASIC, type Kind } from './kinds.ts';

export const RELATED: readonly Kind[] = [
  {
    title: 'partitions: through the root, directly, moved, nested, truncated, with columns in another order',
    schema: `CREATE TABLE t (id int, v int, at date DEFAULT '2020-01-01', PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
      CREATE TABLE t20 PARTITION OF t FOR VALUES FROM ('2020-01-01') TO ('2021-01-01');
      CREATE TABLE t21 (at date NOT NULL, x int, v int, id int NOT NULL); ALTER TABLE t21 DROP x; ALTER TABLE t ATTACH PARTITION t21 FOR VALUES FROM ('2021-01-01') TO ('2022-01-01');
      CREATE TABLE t22 PARTITION OF t FOR VALUES FROM ('2022-01-01') TO ('2023-01-01') PARTITION BY LIST (id);
      CREATE TABLE t22a PARTITION OF t22 FOR VALUES IN (1, 2, 3); CREATE TABLE t22z PARTITION OF t22 DEFAULT;
      INSERT INTO t SELECT g, g, '2020-01-01'::date + 400 * (g % 3) FROM generate_series(1, 12) g`,
    writes: [
      ...BASIC,
      `UPDATE t SET at = at + 400 WHERE at < '2022-01-01'`,
      `INSERT INTO t21 (id, v, at) VALUES (50, 1, '2021-05-05'); DELETE FROM t20; UPDATE t22a SET v = 0`,
      `UPDATE t22 SET id = id + 1 WHERE id = 2`,
      `TRUNCATE t20, t22`,
      `DELETE FROM t USING t21 WHERE t.id = t21.id; INSERT INTO t VALUES (1, 1, '2022-02-02') ON CONFLICT DO NOTHING`,
      `SET session_replication_role = replica; UPDATE t SET v = 9; RESET session_replication_role`,
    ],
  },
  {
    title: 'inheritance: children have columns of their own',
    schema: `CREATE TABLE t (id int, v int); CREATE TABLE c (extra text) INHERITS (t); CREATE TABLE g (more int) INHERITS (c); ALTER TABLE c ADD PRIMARY KEY (id);
      INSERT INTO t VALUES (1, 1), (2, 2); INSERT INTO c VALUES (3, 3, 'c'); INSERT INTO g VALUES (4, 4, 'g', 4)`,
    writes: [
      ...BASIC,
      `UPDATE t SET v = 9`,
      `DELETE FROM ONLY t; UPDATE c SET extra = 'z'`,
      `TRUNCATE ONLY c`,
      `INSERT INTO g VALUES (1, 1, 'x', 1)`,
    ],
  },
  {
    title: 'foreign keys that cascade, are cyclic or deferred',
    schema: `CREATE TABLE t (id int PRIMARY KEY, v int); CREATE TABLE c (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE ON UPDATE CASCADE);
      CREATE TABLE n (id int PRIMARY KEY, c int REFERENCES c ON DELETE SET NULL ON UPDATE SET DEFAULT); CREATE TABLE self (id int PRIMARY KEY, up int REFERENCES self DEFERRABLE INITIALLY DEFERRED);
      CREATE TABLE a (id int PRIMARY KEY, b int); CREATE TABLE b (id int PRIMARY KEY, a int REFERENCES a DEFERRABLE INITIALLY DEFERRED); ALTER TABLE a ADD FOREIGN KEY (b) REFERENCES b DEFERRABLE INITIALLY DEFERRED;
      INSERT INTO t SELECT g, g FROM generate_series(1, 5) g; INSERT INTO c SELECT g, g FROM generate_series(1, 5) g; INSERT INTO n SELECT g, g FROM generate_series(1, 5) g;
      BEGIN; INSERT INTO self VALUES (1, 2), (2, 1), (3, NULL); INSERT INTO a VALUES (1, 1); INSERT INTO b VALUES (1, 1); COMMIT`,
    writes: [
      `DELETE FROM t WHERE id < 3`,
      `UPDATE t SET id = id + 10 WHERE id = 4; UPDATE t SET v = 0`,
      `TRUNCATE t CASCADE`,
      `BEGIN; DELETE FROM self WHERE id < 3; INSERT INTO self VALUES (9, 9); COMMIT`,
      `BEGIN; DELETE FROM a; DELETE FROM b; INSERT INTO a VALUES (2, 2); INSERT INTO b VALUES (2, 2); COMMIT`,
    ],
  },
  {
    title: 'unique, exclusion and deferrable constraints',
    schema: `CREATE EXTENSION btree_gist; CREATE TABLE t (id int PRIMARY KEY DEFERRABLE INITIALLY DEFERRED, v int UNIQUE DEFERRABLE); INSERT INTO t SELECT g, g FROM generate_series(1, 5) g;
      CREATE TABLE r (room int, during int4range, EXCLUDE USING gist (room WITH =, during WITH &&)); INSERT INTO r VALUES (1, '[1,5)'), (1, '[5,9)'), (2, '[1,9)')`,
    writes: [
      `UPDATE t SET id = 6 - id; UPDATE t SET v = 7 - v`,
      `UPDATE r SET during = '[20,30)' WHERE lower(during) = 5; INSERT INTO r VALUES (1, '[5,7)'), (1, '[7,9)'); DELETE FROM r WHERE room = 2`,
    ],
  },
  {
    title: 'row-level security, forced, under a role that sees little',
    schema: `DO $$ BEGIN CREATE ROLE plain_app; EXCEPTION WHEN duplicate_object THEN NULL; END $$; CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g;
      ALTER TABLE t OWNER TO plain_app; ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (v < 5 OR v > 50)`,
    writes: [
      `SET ROLE plain_app; UPDATE t SET v = v + 60; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (70, 70); RESET ROLE`,
      `SET ROLE plain_app; TRUNCATE t; RESET ROLE`,
    ],
  },
  {
    title: 'rules, views and INSTEAD OF triggers',
    schema: `CREATE TABLE t (id int PRIMARY KEY, v int); CREATE TABLE log (id int, what text); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g;
      CREATE RULE also AS ON UPDATE TO t DO ALSO INSERT INTO log VALUES (new.id, 'u'); CREATE RULE never AS ON DELETE TO t WHERE old.id = 999 DO INSTEAD INSERT INTO log VALUES (old.id, 'no');
      CREATE RULE ins AS ON INSERT TO t WHERE new.id = 901 DO INSTEAD INSERT INTO log VALUES (new.id, 'i');
      CREATE VIEW auto AS SELECT id, v FROM t WHERE v < 100; CREATE VIEW ruled AS SELECT 1 AS id; CREATE RULE r AS ON INSERT TO ruled DO INSTEAD INSERT INTO log VALUES (new.id, 'ruled');
      CREATE VIEW trig AS SELECT * FROM t; CREATE FUNCTION trig() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (new.id, ''trig''); RETURN new; END'; CREATE TRIGGER tr INSTEAD OF INSERT ON trig FOR EACH ROW EXECUTE FUNCTION trig()`,
    writes: [
      ...BASIC,
      `UPDATE auto SET v = v + 1; INSERT INTO auto VALUES (80, 80); DELETE FROM auto WHERE id = 3`,
      `INSERT INTO ruled VALUES (5); INSERT INTO trig VALUES (6, 6)`,
    ],
  },
  {
    title: "the application's own triggers, of every kind",
    schema: `CREATE TABLE t (id int PRIMARY KEY, v int); CREATE TABLE audit (n serial PRIMARY KEY, op text, id int); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g;
      CREATE FUNCTION again() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF pg_trigger_depth() < 3 THEN UPDATE t SET v = coalesce(v, 0) + 1 WHERE id = new.id; END IF; RETURN NULL; END';
      CREATE FUNCTION before() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN IF new.id = 902 THEN RETURN NULL; END IF; new.v := coalesce(new.v, 0) * 2; RETURN new; END';
      CREATE FUNCTION audit() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit (op, id) SELECT tg_op, id FROM t LIMIT 3; RETURN NULL; END';
      CREATE FUNCTION tr() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO audit (op, id) SELECT tg_op, count(*) FROM o; RETURN NULL; END';
      CREATE TRIGGER a AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION again(); CREATE TRIGGER "~~z" AFTER UPDATE ON t FOR EACH ROW EXECUTE FUNCTION again();
      CREATE TRIGGER b BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION before(); CREATE TRIGGER s AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON t FOR EACH STATEMENT EXECUTE FUNCTION audit();
      CREATE TRIGGER r AFTER DELETE ON t REFERENCING OLD TABLE AS o FOR EACH STATEMENT EXECUTE FUNCTION tr();
      CREATE CONSTRAINT TRIGGER later AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION again()`,
    writes: BASIC,
  },
  {
    title: 'constraints, defaults and indexes whose functions need a search_path',
    schema: `CREATE TABLE allowed (v int); INSERT INTO allowed SELECT generate_series(0, 2000);
      CREATE FUNCTION ok(int) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN $1 IS NULL OR EXISTS (SELECT FROM allowed WHERE v = $1); END'; CREATE FUNCTION twice(int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS 'BEGIN RETURN inner_twice($1); END';
      CREATE FUNCTION inner_twice(int) RETURNS int LANGUAGE sql IMMUTABLE AS 'SELECT $1 * 2';
      CREATE TABLE t (id int PRIMARY KEY, v int CHECK (v < 0 OR ok(v)), g int GENERATED ALWAYS AS (twice(id)) STORED); CREATE INDEX ON t (twice(v)); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g;
      CREATE TABLE only_generated (v int, g int GENERATED ALWAYS AS (twice(v)) STORED); INSERT INTO only_generated VALUES (1), (1)`,
    writes: [...BASIC, 'DELETE FROM only_generated'],
  },
  {
    title: 'unlogged tables, and a materialized view that is only read',
    schema: `CREATE UNLOGGED TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g; CREATE MATERIALIZED VIEW mv AS SELECT sum(v) FROM t`,
    writes: [...BASIC, `UPDATE t SET v = (SELECT sum FROM mv)`],
  },
  {
    title: 'keys of types whose equality lies elsewhere',
    schema: `CREATE EXTENSION citext SCHEMA public; CREATE SCHEMA ext; CREATE EXTENSION hstore SCHEMA ext; CREATE TYPE mood AS ENUM ('a', 'b', 'c'); CREATE DOMAIN did AS int;
      CREATE TABLE t (id did PRIMARY KEY, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 5) g; CREATE TABLE c (k citext PRIMARY KEY, v int); INSERT INTO c VALUES ('Aa', 1), ('b', 2);
      CREATE TABLE e (k mood, a int[], r int4range, vc varchar(5), f float8, n numeric, h ext.hstore, PRIMARY KEY (k, a, r, vc, f, n)); INSERT INTO e VALUES ('a', '{1}', '[1,2)', 'x', 'NaN', 1.0, 'a=>1'), ('b', '{}', 'empty', '', '-0', 'NaN', '')`,
    writes: [
      ...BASIC,
      `UPDATE c SET k = upper(k); UPDATE c SET v = 5`,
      `UPDATE e SET f = 0 WHERE f = 0; UPDATE e SET n = 1.000 WHERE n = 1; DELETE FROM e WHERE k = 'a'`,
    ],
  },
  {
    title: 'two-phase commit and a session in replica role',
    schema: `CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g; CREATE TABLE c (t int REFERENCES t); INSERT INTO c VALUES (1)`,
    writes: [
      `BEGIN; UPDATE t SET v = 0; PREPARE TRANSACTION 'two'; COMMIT PREPARED 'two'`,
      `SET session_replication_role = replica; DELETE FROM t WHERE id = 1; INSERT INTO t VALUES (99, 9); UPDATE t SET v = 5; TRUNCATE t CASCADE; RESET session_replication_role`,
    ],
  },
];
