// Kinds of tables and what is written into them: columns, keys, types, sequences.

export interface Kind {
  readonly title: string;
  readonly schema: string;
  /** Each is run, rewound and compared, one after the other in one database. */
  readonly writes: readonly string[];
  readonly since?: number;
}

/** Writes that fit every table with columns (id, v) of the name `t`. */
export const BASIC: readonly string[] = [
  `INSERT INTO t (id, v) VALUES (901, 1), (902, NULL)`,
  `UPDATE t SET v = coalesce(v, 0) + 100`,
  `DELETE FROM t WHERE id <= 2`,
  `DELETE FROM t; INSERT INTO t (id, v) VALUES (1, 5)`,
  `UPDATE t SET v = v WHERE id = 1; UPDATE t SET v = 1 WHERE id = 2; UPDATE t SET v = 2 WHERE id = 2`,
  `TRUNCATE t; INSERT INTO t (id, v) VALUES (1, 1)`,
  `INSERT INTO t (id, v) SELECT 1000 + g, g FROM generate_series(1, 300) g; DELETE FROM t WHERE id > 1100; UPDATE t SET v = -1 WHERE id > 1050`,
];

export const TABLES: readonly Kind[] = [
  {
    title: 'a table with a primary key',
    schema: `CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 20) g`,
    writes: [
      ...BASIC,
      `INSERT INTO t VALUES (1, 77), (500, 1) ON CONFLICT (id) DO UPDATE SET v = excluded.v`,
      `INSERT INTO t VALUES (1, 77), (500, 1) ON CONFLICT DO NOTHING`,
      `WITH d AS (DELETE FROM t WHERE id < 5 RETURNING *), i AS (INSERT INTO t SELECT id + 700, v FROM d RETURNING *), u AS (UPDATE t SET v = 0 WHERE id = 9) SELECT * FROM i`,
      `BEGIN; UPDATE t SET v = 5; SAVEPOINT a; DELETE FROM t; ROLLBACK TO a; INSERT INTO t VALUES (600, 6); COMMIT`,
      `BEGIN; DELETE FROM t; ROLLBACK`,
      `SET playwright_stacks.control = on; DELETE FROM t; SET playwright_stacks.control = ''; INSERT INTO t VALUES (3, 4)`,
      `UPDATE t SET id = id + 1000`,
      `COPY t FROM PROGRAM 'printf "801,1\\\\n802,\\\\n"' WITH (FORMAT csv)`,
      `BEGIN; TRUNCATE t; COPY t FROM PROGRAM 'printf "801,1\\\\n802,\\\\n"' WITH (FORMAT csv, FREEZE); COMMIT`,
      `UPDATE t SET id = 21 - id WHERE id = 20 AND false; UPDATE t SET id = -id; UPDATE t SET id = 21 + id`,
      `DO $$ BEGIN FOR i IN 1..50 LOOP BEGIN INSERT INTO t VALUES (i, i); EXCEPTION WHEN unique_violation THEN UPDATE t SET v = -i WHERE id = i; END; END LOOP; END $$`,
    ],
  },
  {
    title: 'MERGE',
    since: 15,
    schema: `CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 20) g`,
    writes: [
      `MERGE INTO t USING generate_series(15, 25) AS s(id) ON t.id = s.id WHEN MATCHED AND s.id < 18 THEN DELETE WHEN MATCHED THEN UPDATE SET v = -1 WHEN NOT MATCHED THEN INSERT VALUES (s.id, 0)`,
    ],
  },
  {
    title: 'composite keys, quoted and hostile names',
    schema: `CREATE SCHEMA "we'ird ""s$$%s"; CREATE TABLE "we'ird ""s$$%s"."T a%b'l""e" ("I d%" int, "~n" text, "select" int, "r" int, n text, img text, k int, i int, PRIMARY KEY ("select", "I d%"), "$u$" int GENERATED ALWAYS AS (k + 1) STORED, "$u$3" int, "$f$" int);
      INSERT INTO "we'ird ""s$$%s"."T a%b'l""e" SELECT g, 'x', g, g, 'n', 'i', g, g FROM generate_series(1, 9) g;
      CREATE TABLE t (id int, v int, tg_relid int, tg_op text, "~stk~n" text, "~stk~o" text, "~stk~r" text, u text, op text, PRIMARY KEY (id)); INSERT INTO t VALUES (1, 1, 5, 'a');
      CREATE TABLE keyless (id int, v int, oldest int, excess text, missing text, changed int, rel oid, c text, d int, at int, nth int, wanted int); INSERT INTO keyless SELECT g, g, 1, 'e', 'm' FROM generate_series(1, 4) g`,
    writes: [
      ...BASIC,
      `UPDATE "we'ird ""s$$%s"."T a%b'l""e" SET "~n" = '$$', n = '%s' WHERE "select" > 4; DELETE FROM "we'ird ""s$$%s"."T a%b'l""e" WHERE k = 2; INSERT INTO "we'ird ""s$$%s"."T a%b'l""e" ("I d%", "select") VALUES (1, 77)`,
      `TRUNCATE "we'ird ""s$$%s"."T a%b'l""e"`,
      `INSERT INTO keyless TABLE keyless; UPDATE keyless SET oldest = 2 WHERE id = 1; DELETE FROM keyless WHERE id = 2`,
    ],
  },
  {
    title: 'a table without a key, with duplicates and columns that know no equality',
    schema: `CREATE TABLE t (id int, v int, j json, p point, x xml);
      INSERT INTO t SELECT g % 3, 1, '{"a": 1}', '(1,2)', '<a/>' FROM generate_series(1, 12) g; INSERT INTO t DEFAULT VALUES; INSERT INTO t DEFAULT VALUES`,
    writes: [
      ...BASIC,
      `INSERT INTO t SELECT * FROM t`,
      `DELETE FROM t WHERE ctid = (SELECT min(ctid) FROM t WHERE id = 2); INSERT INTO t SELECT 1, 1, '{"a": 1}', '(1,2)', '<a/>'`,
      `DELETE FROM t WHERE ctid IN (SELECT ctid FROM t LIMIT 7); INSERT INTO t DEFAULT VALUES`,
      `UPDATE t SET j = '{"a":1}', v = NULL WHERE id = 1`,
      `UPDATE t SET v = 1`,
    ],
  },
  {
    title: 'a unique index instead of a primary key; a nullable one is none',
    schema: `CREATE TABLE t (id int NOT NULL UNIQUE, v int); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g;
      CREATE TABLE u (id int UNIQUE, v int); INSERT INTO u VALUES (NULL, 1), (NULL, 1), (3, 1);
      CREATE TABLE w (id int NOT NULL, v int); CREATE UNIQUE INDEX ON w (id) WHERE v > 0; INSERT INTO w VALUES (1, 0), (1, 0), (1, 1)`,
    writes: [
      ...BASIC,
      `UPDATE u SET v = 2; INSERT INTO u VALUES (NULL, 1)`,
      `DELETE FROM w WHERE v = 0; UPDATE w SET v = 0`,
    ],
  },
  {
    title: 'identity and serial columns, and their sequences',
    schema: `CREATE TABLE t (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, v int); INSERT INTO t (v) SELECT g FROM generate_series(1, 5) g;
      CREATE TABLE d (id int GENERATED BY DEFAULT AS IDENTITY (START 100 INCREMENT 7) PRIMARY KEY, v int);
      CREATE TABLE s (id serial PRIMARY KEY, v int); INSERT INTO s (v) VALUES (1);
      CREATE SEQUENCE lone START 5; CREATE SEQUENCE desc_ INCREMENT -1; CREATE SEQUENCE called; SELECT nextval('called')`,
    writes: [
      `INSERT INTO t (v) VALUES (1), (2)`,
      `INSERT INTO t (id, v) OVERRIDING SYSTEM VALUE VALUES (77, 1); DELETE FROM t WHERE id < 3; UPDATE t SET v = 9`,
      `INSERT INTO d (v) VALUES (1); INSERT INTO s (v) VALUES (1)`,
      `BEGIN; INSERT INTO s (v) VALUES (1); ROLLBACK`,
      `SELECT nextval('lone'), nextval('desc_'), nextval('called')`,
      `SELECT setval('lone', 50, false)`,
      `SELECT setval('called', 1, false)`,
      `SELECT setval('called', 1000, true)`,
      `TRUNCATE t, d, s RESTART IDENTITY; INSERT INTO t (v) VALUES (1)`,
    ],
  },
  {
    title: 'stored generated columns',
    schema: `CREATE TABLE t (id int PRIMARY KEY, v int, up int GENERATED ALWAYS AS (v * 2) STORED, tx text GENERATED ALWAYS AS (id::text || 'x') STORED);
      INSERT INTO t SELECT g, g FROM generate_series(1, 9) g; CREATE TABLE only_generated (g int GENERATED ALWAYS AS (1) STORED); INSERT INTO only_generated DEFAULT VALUES`,
    writes: [...BASIC, `INSERT INTO only_generated DEFAULT VALUES`, `DELETE FROM only_generated`],
  },
  {
    title: 'virtual generated columns',
    since: 18,
    schema: `CREATE TABLE t (id int PRIMARY KEY, v int, up int GENERATED ALWAYS AS (v * 2), "%s" int GENERATED ALWAYS AS (1) VIRTUAL, z int DEFAULT 3); INSERT INTO t SELECT g, g FROM generate_series(1, 9) g;
      CREATE TABLE k (id int, v int, up int GENERATED ALWAYS AS (v * 2)); INSERT INTO k SELECT 1, 1 FROM generate_series(1, 4);
      CREATE TABLE p (id int, v int, up int GENERATED ALWAYS AS (v * 2)) PARTITION BY LIST (id); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2); INSERT INTO p VALUES (1, 1), (2, 2)`,
    writes: [
      ...BASIC,
      `UPDATE k SET v = 2 WHERE ctid = (SELECT min(ctid) FROM k); TRUNCATE k; INSERT INTO k VALUES (1, 1)`,
      `UPDATE p SET v = 7; TRUNCATE p; INSERT INTO p VALUES (1, 1)`,
      `UPDATE p SET id = 3 - id`,
    ],
  },
  {
    title: 'domains over arrays whose text depends on settings',
    schema: `CREATE DOMAIN stamps AS timestamptz[]; CREATE DOMAIN floats AS float8[]; CREATE DOMAIN classes AS regclass[];
      CREATE TABLE t (id int PRIMARY KEY, v int, at stamps DEFAULT '{2020-01-01 00:00+00}'); INSERT INTO t VALUES (1, 1), (2, 2);
      CREATE TABLE f (id int PRIMARY KEY, fs floats); INSERT INTO f VALUES (1, ARRAY[0.1::float8 + 0.2]);
      CREATE TABLE c (id int PRIMARY KEY, rs classes); INSERT INTO c VALUES (1, '{t,f}')`,
    writes: [
      ...BASIC,
      `SET TimeZone = 'Asia/Kolkata'; SET extra_float_digits = -10; SET search_path = ''; UPDATE public.t SET at = at || now(); UPDATE public.f SET fs = fs || fs; UPDATE public.c SET rs = rs || rs; RESET ALL`,
      `SET TimeZone = 'Asia/Kolkata'; SET extra_float_digits = -10; SET search_path = ''; DELETE FROM public.t; DELETE FROM public.f; DELETE FROM public.c; RESET ALL`,
    ],
  },
  {
    title: 'all types, with NULL, NaN, -0 and infinities',
    schema: `CREATE EXTENSION citext; CREATE EXTENSION hstore;
      CREATE TYPE mood AS ENUM ('sad', 'ok'); CREATE TYPE pair AS (a int, b text, c timestamptz); CREATE DOMAIN pos AS numeric CHECK (value > 0); CREATE DOMAIN pairs AS pair[];
      CREATE TABLE t (id int PRIMARY KEY, v int, m mood, ms mood[], p pair, ps pairs, d pos, c citext, h hstore, f4 float4, f8 float8, n numeric, mo money, b bytea, ch char(5), vc varchar(9), q "char", na name,
        dt date, ts timestamp, tz timestamptz, ti time, tiz timetz, iv interval, bo bool, po point, pg path, bx box, inet inet, cidr cidr, mac macaddr, bt bit(3), vb varbit, tv tsvector, tq tsquery, u uuid, x xml, j json, jb jsonb, ia int[], ta text[][], r int4range, rt tstzrange, rc regclass, rp regproc, o oid, ls pg_lsn, s8 int8, xi xid8);
      INSERT INTO t VALUES (1, 1, 'sad', '{ok,NULL}', '(1,"a,""b",2020-01-01 10:00+05)', '{"(1,x,)"}', 1.50, 'AbC', 'a=>1,"b c"=>NULL', 'NaN', '-0', 'NaN', 12.5, '\\x00ff', 'ab', '', '\\001', 'n', 'infinity', '-infinity', '1900-01-01 00:00:00.123456+01', '24:00', '10:00:00.1-03:30', '1 year -2 days 03:00', true, '(1,2)', '((1,2),(3,4))', '(1,2),(0,0)', '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '101', '1', 'a:1A b', 'a & !b', '12345678-1234-1234-1234-123456789012', '<a b="c">&amp;</a>', '{"b":1,  "a":1e500, "a":2}', '{"z":1e500}', '[2:3]={1,NULL}', '{{a,"b c"},{"",NULL}}', '[1,5)', '["2020-01-01 00:00+00",)', 'pg_class', 'now', 1, '0/16', 9223372036854775807, '5');
      INSERT INTO t (id) VALUES (2); INSERT INTO t (id, f4, f8, n, ch, d) VALUES (3, 'infinity', 1e-310, 1.100, NULL, 1.5), (4, 0.1, 0.1::float8 + 0.2, 1e500, 'é', 1.50);
      CREATE TABLE nokey AS SELECT * FROM t`,
    writes: [
      ...BASIC,
      `DELETE FROM t; DELETE FROM nokey`,
      `UPDATE t SET f8 = '0' WHERE id = 1; UPDATE t SET n = 1.1 WHERE id = 3; UPDATE t SET d = d * 1.0`,
      `UPDATE nokey SET f8 = 0, n = 1.1000; INSERT INTO nokey SELECT * FROM t`,
      `SET DateStyle = 'SQL, DMY'; SET TimeZone = 'Asia/Kolkata'; SET IntervalStyle = 'iso_8601'; SET extra_float_digits = -10; SET bytea_output = 'escape'; SET search_path = public, pg_catalog; DELETE FROM t WHERE id IN (1, 4); UPDATE nokey SET v = 5; TRUNCATE t; RESET ALL; INSERT INTO t (id) VALUES (1); DELETE FROM nokey WHERE v = 5`,
      `SET TimeZone = 'America/New_York'; UPDATE t SET v = 2; SET TimeZone = 'UTC'; SET search_path = ''; UPDATE public.t SET v = 3; SET search_path = public; UPDATE t SET v = 1 WHERE id = 1; UPDATE nokey SET rc = 't', rp = 'version'; RESET ALL`,
      `SET lc_monetary = 'C'; UPDATE t SET mo = '5.50'; SET xmloption = 'document'; UPDATE nokey SET x = '<b/>'; RESET ALL`,
    ],
  },
  {
    title: 'TOASTed values',
    schema: `CREATE TABLE t (id int PRIMARY KEY, v int, big text, raw bytea); ALTER TABLE t ALTER big SET STORAGE EXTERNAL;
      INSERT INTO t SELECT g, g, repeat(md5(g::text), 5000), decode(repeat(md5(g::text), 3000), 'hex') FROM generate_series(1, 5) g`,
    writes: [...BASIC, `UPDATE t SET big = reverse(big) WHERE id = 2; UPDATE t SET big = NULL WHERE id = 3`],
  },
  {
    title: '1,600 columns, a dropped column, no column at all, and a column added with a default',
    schema: `CREATE TABLE empty (); INSERT INTO empty DEFAULT VALUES; INSERT INTO empty DEFAULT VALUES;
      DO $$ BEGIN EXECUTE 'CREATE TABLE wide (' || (SELECT string_agg('c' || g || ' int', ',') FROM generate_series(1, 1600) g) || ')'; END $$;
      INSERT INTO wide (c1, c1600) VALUES (1, 2), (1, 2), (3, 4);
      CREATE TABLE t (gone int, id int, v int, also text); INSERT INTO t VALUES (1, 1, 1, 'x'), (1, 2, 2, 'y'), (1, 2, 2, 'y');
      ALTER TABLE t DROP gone; ALTER TABLE t DROP also; ALTER TABLE t ADD fast text DEFAULT 'old'; ALTER TABLE t ALTER fast SET DEFAULT 'new'`,
    writes: [
      ...BASIC,
      `INSERT INTO empty DEFAULT VALUES`,
      `DELETE FROM empty WHERE ctid = (SELECT min(ctid) FROM empty)`,
      `TRUNCATE empty`,
      `UPDATE wide SET c800 = 1 WHERE c1 = 3; DELETE FROM wide WHERE c1 = 1`,
      `UPDATE t SET fast = fast; DELETE FROM t`,
    ],
  },
];
