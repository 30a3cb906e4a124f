// Commands of several transactions commit some of what they do before they fail: event triggers do not hear of it.
import type pg from 'pg';
import { mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { expect, test } from './testing/database.ts';
import { onEachMajor } from './testing/majors.ts';

const SCHEMA = `CREATE TABLE t (id int PRIMARY KEY, v int); INSERT INTO t VALUES (1, 7), (2, 7), (3, 8); CREATE INDEX t_v ON t (v);
  CREATE TABLE parted (id int) PARTITION BY LIST (id); CREATE TABLE part PARTITION OF parted FOR VALUES IN (1); INSERT INTO parted VALUES (1)`;

interface HalfWay {
  readonly command: string;
  /** Done before the mark. */
  readonly before?: readonly string[];
  /** What another session does in an open transaction meanwhile: the command waits for its end in vain. */
  readonly meanwhile?: string;
  readonly since?: number;
}

const FAILS = 'CREATE UNIQUE INDEX CONCURRENTLY made ON t (v)';

const HALF_WAY: readonly HalfWay[] = [
  { command: FAILS },
  { command: 'REINDEX INDEX made', before: [FAILS, 'DELETE FROM t WHERE id = 2'] },
  { command: 'REINDEX INDEX CONCURRENTLY t_v', meanwhile: 'UPDATE t SET v = v' },
  { command: 'DROP INDEX CONCURRENTLY t_v', meanwhile: 'UPDATE t SET v = v' },
  { command: 'ALTER TABLE parted DETACH PARTITION part CONCURRENTLY', meanwhile: 'SELECT FROM parted', since: 14 },
];

onEachMajor((major) => {
  for (const owner of ['postgres', 'weak'] as const) {
    for (const { command, before = [], meanwhile, since = 0 } of HALF_WAY) {
      if (Number(major) < since) continue;
      test(`${command}, which leaves what it did half-way, is noticed; rewound by ${owner} on ${major}`, async ({
        testDatabase,
      }) => {
        const { control, connect } = await testDatabase(major, SCHEMA, owner);
        const [app, other] = [await connect(owner), await connect(owner)];
        for (const statement of before) await attempt(app, statement);
        const start = await mark(control);
        await rewind(control, start);
        if (meanwhile) {
          await other.query(`BEGIN; ${meanwhile}`);
          await app.query("SET statement_timeout = '300ms'");
        }
        expect(await attempt(app, command)).toBe(command.startsWith('REINDEX INDEX made') ? 'done' : 'failed');
        await other.query('ROLLBACK');
        await expect(rewind(control, start)).rejects.toMatchObject({ code: 'REWIND_IMPOSSIBLE', reason: 'ddl' });
      });
    }
  }
});

function attempt(client: pg.Client, statement: string): Promise<'done' | 'failed'> {
  return client.query(statement).then(
    () => 'done',
    () => 'failed',
  );
}
