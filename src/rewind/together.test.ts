// A role that may not set session_replication_role: what it rewinds is exact, what it cannot rewind is refused.
import type pg from 'pg';
import { deltaBetween, replay } from './delta.ts';
import { installCapture } from './install.ts';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, stateOf, test } from './testing/database.ts';
import { type Kind, TABLES } from './testing/kinds.ts';
import { onEachMajor } from './testing/majors.ts';
import { RELATED } from './testing/related.ts';
import { statements } from './testing/statements.ts';

const FAMILY = `CREATE TABLE parent (id int PRIMARY KEY, code text UNIQUE, v int); INSERT INTO parent SELECT g, 'c' || g, g FROM generate_series(1, 5) g`;

/** References whose actions would do harm if a row that is referred to were deleted and inserted again. */
const ACTIONS: readonly Kind[] = ['CASCADE', 'SET NULL', 'RESTRICT'].map((action) => ({
  title: `references with ON DELETE and ON UPDATE ${action}`,
  schema: `${FAMILY}; CREATE TABLE child (id int PRIMARY KEY, parent int DEFAULT 5 REFERENCES parent ON DELETE ${action} ON UPDATE ${action}, up int REFERENCES child ON DELETE ${action});
    INSERT INTO child SELECT g, g, nullif(g - 1, 0) FROM generate_series(1, 4) g`,
  writes: [
    'UPDATE parent SET v = 0',
    'UPDATE parent SET v = 0 WHERE id < 3; INSERT INTO parent VALUES (6, NULL, 6); INSERT INTO child VALUES (7, 6, 1), (8, 6, 7); DELETE FROM parent WHERE id = 5',
    'DELETE FROM child; DELETE FROM parent; INSERT INTO parent VALUES (1, NULL, 9)',
    'UPDATE child SET up = NULL; UPDATE child SET id = id + 10, parent = 1; UPDATE parent SET id = id + 10 WHERE id > 1',
    'TRUNCATE parent CASCADE',
    'UPDATE child SET up = 4 WHERE id = 1',
  ],
}));

const TRIGGERS: Kind = {
  title: 'triggers of the application, enabled in each way, beside deferred keys',
  schema: `CREATE TABLE t (id int PRIMARY KEY, v int, t int REFERENCES t DEFERRABLE INITIALLY DEFERRED); INSERT INTO t SELECT g, g, g FROM generate_series(1, 9) g; SET CONSTRAINTS ALL IMMEDIATE;
    CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.v := new.v + 1; RETURN new; END';
    CREATE TRIGGER a BEFORE INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); CREATE TRIGGER b BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t DISABLE TRIGGER b;
    CREATE TRIGGER c BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION f(); ALTER TABLE t ENABLE REPLICA TRIGGER c`,
  writes: ['UPDATE t SET v = v + 1', 'DELETE FROM t WHERE id = 3; INSERT INTO t VALUES (10, 1, 10)'],
};

/** A statement trigger fires for the action of a foreign key that finds no row, too. */
const TOLD: Kind = {
  title: 'a trigger of statements on a table that refers to the one that was written to',
  schema: `${FAMILY}; CREATE TABLE child (id int PRIMARY KEY, parent int REFERENCES parent ON DELETE CASCADE ON UPDATE SET NULL); CREATE TABLE told (id serial PRIMARY KEY, op text);
    CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO told (op) VALUES (tg_op); RETURN NULL; END';
    CREATE TRIGGER tell AFTER INSERT OR UPDATE OR DELETE ON child FOR EACH STATEMENT EXECUTE FUNCTION tell()`,
  writes: ['INSERT INTO parent VALUES (7)', 'UPDATE parent SET id = 9 WHERE id = 1', 'DELETE FROM parent'],
};

/** Undone under the application's search_path, with images that were written under another. */
const NAMED: Kind = {
  title: 'a table without a key, whose text depends on the search_path, beside one that calls functions',
  schema: `CREATE TABLE t (c regclass, v int); CREATE UNIQUE INDEX ON t (v) WHERE v > 0; INSERT INTO t VALUES ('t', 1);
    CREATE FUNCTION ok(int) RETURNS bool LANGUAGE sql AS 'SELECT true'; CREATE TABLE calls (v int CHECK (ok(v)))`,
  writes: [`INSERT INTO calls VALUES (1); UPDATE t SET c = 'calls'`],
};

/** The others are the fuzzer's. */
const CHOSEN = /without a key|identity|cascade|partitions|inheritance|own triggers|search_path|replica/;
const KINDS = [...TABLES, ...RELATED].filter(({ title }) => CHOSEN.test(title));

onEachMajor((major) => {
  for (const kind of [...ACTIONS, TOLD, NAMED, ...KINDS].filter(({ since = 0 }) => Number(major) >= since)) {
    test(`${kind.title}: rewound without a privilege on ${major}`, async ({ testDatabase }) => {
      const { app, control, untouched } = await testDatabase(major, kind.schema, 'weak');
      const before = await stateOf(untouched);
      const start = await mark(control);
      for (const write of kind.writes) {
        await test.step(write.slice(0, 90), async () => {
          await app.query('RESET ALL');
          for (const statement of statements(write)) await app.query(statement);
          await rewind(control, start);
          expect(await stateOf(app), write).toEqual(before);
        });
      }
    });
  }

  test(`${TRIGGERS.title} on ${major}`, async ({ testDatabase }) => {
    const { app, control, untouched } = await testDatabase(major, TRIGGERS.schema, 'weak');
    const enabled = await enabledOf(app);
    expect(enabled).toContain('a O, b D, c R');
    const start = await mark(control);
    for (const write of TRIGGERS.writes) {
      await app.query(write);
      await app.query('ALTER TABLE t ENABLE ALWAYS TRIGGER a');
      await expect(rewind(control, start)).rejects.toMatchObject({ reason: 'ddl' });
      await app.query('ALTER TABLE t ENABLE TRIGGER a');
      await rewind(control, start);
      expect(await stateOf(app)).toEqual(await stateOf(untouched));
      expect(await enabledOf(app)).toBe(enabled);
    }
  });

  test(`a session of another role that keeps a lock costs a fresh clone on ${major}`, async ({ testDatabase }) => {
    const { app, connect, control } = await testDatabase(major, TRIGGERS.schema, 'weak');
    const start = await mark(control);
    await app.query('UPDATE t SET v = v + 1 WHERE id = 1');
    const another = await connect();
    await another.query('BEGIN; LOCK TABLE t IN EXCLUSIVE MODE');
    await expect(rewind(control, start)).rejects.toMatchObject({ reason: 'locked' });
  });

  test(`a transaction of another role that has written is noticed, and costs a fresh clone, on ${major}`, async ({
    testDatabase,
  }) => {
    const { connect, control } = await testDatabase(major, TRIGGERS.schema, 'weak');
    const start = await mark(control);
    const another = await connect();
    await another.query('BEGIN; UPDATE t SET v = v + 1 WHERE id = 2');
    const refused = { reason: 'locked', message: expect.stringContaining('of the role postgres') };
    await expect(rewind(control, start, { writing: 20 })).rejects.toMatchObject(refused);
    await another.query("PREPARE TRANSACTION 'theirs'");
    await expect(rewind(control, start, { writing: 20 })).rejects.toMatchObject(refused);
    await another.query("ROLLBACK PREPARED 'theirs'");
    expect(await rewind(control, start)).toMatchObject({ tables: [], ended: [] });
  });

  test(`a delta is replayed without a privilege on ${major}`, async ({ testDatabase }) => {
    const [{ schema = '' } = {}] = ACTIONS;
    const { app, control } = await testDatabase(major, schema, 'weak');
    const start = await mark(control);
    await app.query('UPDATE parent SET v = 0; INSERT INTO parent VALUES (6); INSERT INTO child VALUES (7, 6, 1)');
    const after = await stateOf(app);
    const delta = await deltaBetween(control, start);
    await rewind(control, start);
    await replay(control, delta);
    expect(await stateOf(app)).toEqual(after);
  });

  /** What a role without the privilege meets: schema, write, message. */
  const refused = {
    'a rule': [
      'CREATE TABLE t (id int PRIMARY KEY); CREATE RULE r AS ON DELETE TO t DO INSTEAD NOTHING',
      'INSERT INTO t VALUES (1)',
      'public.t has a rule, which fires for a role that may not set session_replication_role',
    ],
    'row-level security that is forced': [
      'CREATE TABLE t (id int PRIMARY KEY); ALTER TABLE t ENABLE ROW LEVEL SECURITY; ALTER TABLE t FORCE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (true)',
      'INSERT INTO t VALUES (1)',
      'public.t has row-level security that binds this role',
    ],
    'a key that was changed under a reference by another': [
      `${FAMILY}; CREATE TABLE child (code text REFERENCES parent (code) ON UPDATE CASCADE ON DELETE CASCADE); INSERT INTO child VALUES ('c1')`,
      `UPDATE parent SET code = 'x' WHERE id = 1; UPDATE parent SET code = 'c1' WHERE id = 2`,
      undefined,
    ],
    'a reference that was never valid': [
      `${FAMILY}; CREATE TABLE child (parent int); INSERT INTO child VALUES (99); ALTER TABLE child ADD FOREIGN KEY (parent) REFERENCES parent ON DELETE CASCADE NOT VALID`,
      'INSERT INTO parent VALUES (99)',
      'the action of a foreign key wrote 1 other rows',
    ],
    'a referenced row that went to another partition': [
      'CREATE TABLE p (id int PRIMARY KEY) PARTITION BY RANGE (id); CREATE TABLE p1 PARTITION OF p FOR VALUES FROM (1) TO (5); CREATE TABLE p2 PARTITION OF p FOR VALUES FROM (5) TO (9); CREATE TABLE c (p int REFERENCES p ON UPDATE CASCADE); INSERT INTO p VALUES (1); INSERT INTO c VALUES (1)',
      'UPDATE p SET id = 6 WHERE id = 1',
      undefined,
    ],
  } as const;
  for (const [title, [schema, write, why]] of Object.entries(refused)) {
    test(`${title}: without a privilege rewound exactly or not at all on ${major}`, async ({ testDatabase }) => {
      const { app, control, untouched } = await testDatabase(major, schema, 'weak');
      const start = await mark(control);
      await app.query(write).catch((error) => {
        // Before 15 the row may not go to another partition.
        if (Number(major) >= 15 || error.code !== '23503') throw error;
      });
      const written = await stateOf(app);
      const error = await rewind(control, start).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      if (why) expect(error).toMatchObject({ reason: 'privilege', why });
      expect(await stateOf(app)).toEqual(error ? written : await stateOf(untouched));
    });
  }

  test(`a table of another role is not captured where only an extension writes to it, and named otherwise, on ${major}`, async ({
    testDatabase,
  }) => {
    const { app, connect, control } = await testDatabase(major, 'CREATE TABLE mine (id int)', 'weak');
    await app.query('CREATE EXTENSION hstore; CREATE TABLE held (id int); ALTER EXTENSION hstore ADD TABLE held');
    await mark(control);
    await app.query('CREATE TABLE theirs (id int)');
    await expect(mark(control)).rejects.toThrow(
      /^REWIND_PRIVILEGE: this role may not capture what is written: .* theirs\.\n {2}hint: let `database\.migrate`/,
    );
    await expect(installCapture(await connect('weak'))).rejects.toThrow(/^REWIND_PRIVILEGE/);
  });
});

async function enabledOf(client: pg.Client): Promise<string> {
  const text = `SELECT string_agg(tgname || ' ' || tgenabled::text, ', ' ORDER BY tgname) AS all FROM pg_trigger WHERE NOT tgisinternal`;
  const { rows } = await client.query<{ all: string }>(text);
  return rows[0]?.all ?? '';
}
