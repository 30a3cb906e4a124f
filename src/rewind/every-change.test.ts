// Whatever can be changed beside rows is noticed, for both kinds of role; and docs/rewind-noticed.md says by what.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import type pg from 'pg';
import { rowsOf } from './client.ts';
import { type Control, openControl } from './control.ts';
import { installCapture } from './install.ts';
import { lookForUnseenDdl, mark } from './mark.ts';
import { rewind } from './rewind.ts';
import { CATALOGS, NOT_DIGESTED } from './sql/catalogs.ts';
import type { Change } from './testing/change.ts';
import { type Cluster, startCluster } from './testing/cluster.ts';
import { EVERY_CHANGE } from './testing/every-change.ts';
import { EVERY_KIND, SUPERUSER_FIRST } from './testing/every-kind.ts';
import { testedMajors } from './testing/majors.ts';
import { noticedTable } from './testing/noticed-page.ts';

const SETTINGS = { fsync: 'off', autovacuum: 'off', wal_level: 'logical', dynamic_shared_memory_type: 'mmap' };
const PAGE = new URL('../../docs/rewind-noticed.md', import.meta.url);

test('docs/rewind-noticed.md holds the table of what is tested', () => {
  const text = readFileSync(PAGE, 'utf8');
  const whole = text.replace(/^\| change [\s\S]*?\n\n/m, `${noticedTable()}\n\n`);
  if (test.info().config.updateSnapshots === 'all') writeFileSync(PAGE, whole);
  expect(readFileSync(PAGE, 'utf8')).toBe(whole);
  expect(whole).toContain(noticedTable());
});

for (const major of testedMajors()) {
  test.describe(`on ${major}`, { tag: major === '18' ? [] : '@matrix' }, () => {
    test.describe.configure({ mode: 'default' });
    let cluster: Cluster;
    let admin: pg.Client;
    test.beforeAll(async () => {
      cluster = await startCluster(major, { settings: SETTINGS });
      admin = await cluster.connect('postgres');
      await admin.query('CREATE ROLE weak LOGIN CREATEDB CREATEROLE; CREATE ROLE other');
    });
    test.afterAll(async () => {
      await admin.end();
      await cluster.close();
    });

    for (const owner of ['postgres', 'weak'] as const) {
      // Those of each kind are seen one by one in noticed.test.ts.
      test(`every change is noticed; rewound by ${owner}`, { tag: '@matrix' }, async () => {
        test.setTimeout(300_000);
        await makeTemplate(cluster, admin, owner);
        const changes = EVERY_CHANGE.filter(
          ({ by, since = 0 }) => Number(major) >= since && (owner === 'postgres' || by !== 'superuser'),
        );
        let clone: Clone | undefined;
        for (const change of changes) {
          // Where an earlier change stands in the way of this one, on a clone of its own.
          if (!clone || !(await isNoticed(change, clone))) {
            await clone?.drop();
            clone = await makeClone(cluster, admin, owner);
            expect(await isNoticed(change, clone), change.change).toBe(true);
          }
        }
        await clone?.drop();
      });
    }

    test('every catalog is digested, or it is said why not', async () => {
      const known = [...Object.keys(CATALOGS), ...Object.keys(NOT_DIGESTED)];
      const catalogs = await rowsOf<{ relname: string }>(
        admin,
        `SELECT relname FROM pg_class WHERE relnamespace = 'pg_catalog'::regnamespace AND relkind = 'r' AND relname <> ALL ($1)`,
        [known],
      );
      expect(catalogs).toEqual([]);
    });
  });
}

async function makeTemplate(cluster: Cluster, admin: pg.Client, owner: string): Promise<void> {
  await admin.query(`CREATE DATABASE template_${owner} OWNER weak ${cluster.copied}`);
  const client = await cluster.connect(`template_${owner}`);
  await client.query('GRANT ALL ON SCHEMA public TO weak');
  await client.query(SUPERUSER_FIRST);
  await client.query(`SET ROLE weak; ${EVERY_KIND}`);
  await client.end();
  const installer = await cluster.connect(`template_${owner}`, owner);
  await installCapture(installer);
  await installer.end();
}

interface Clone {
  readonly app: pg.Client;
  readonly control: Control;
  readonly drop: () => Promise<void>;
}

async function makeClone(cluster: Cluster, admin: pg.Client, owner: string): Promise<Clone> {
  await admin.query(`CREATE DATABASE clone OWNER weak TEMPLATE template_${owner} ${cluster.copied}`);
  await admin.query('ALTER DATABASE clone SET search_path = public');
  const app = await cluster.connect('clone', owner);
  const session = await cluster.connect('clone', owner);
  const drop = async () => {
    // A database that has one of these cannot be dropped.
    await app.query('DROP SUBSCRIPTION IF EXISTS sub');
    await app.query(
      'SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = current_database()',
    );
    await app.end();
    await session.end();
    await admin.query('DROP DATABASE clone');
  };
  return { app, control: await openControl(session), drop };
}

/** False: an earlier change does not allow this one. */
async function isNoticed(change: Change, { app, control }: Clone): Promise<boolean> {
  const start = await mark(control);
  for (const statement of change.sql.startsWith('DO') ? [change.sql] : change.sql.split('; ')) {
    const refused = await app.query(statement).then(
      () => false,
      () => true,
    );
    if (refused) return false;
  }
  const { noticed = 'ddl' } = change;
  if (noticed === 'later') {
    await rewind(control, start);
    await lookForUnseenDdl(control);
  }
  if (noticed === 'nothing') await rewind(control, start);
  else
    await expect(rewind(control, start), change.change).rejects.toMatchObject({
      code: 'REWIND_IMPOSSIBLE',
      reason: 'ddl',
    });
  return true;
}
