// Our sessions under a role with settings of its own.
import { expect, test } from '@playwright/test';
import { startCluster } from '../../rewind/testing/cluster.ts';
import { testedMajors } from '../../rewind/testing/majors.ts';
import { alter, oddSettings } from '../../rewind/testing/odd-settings.ts';
import { OURS } from '../../session-settings.ts';
import { withClient } from '../client/connection.ts';
import { connectTo } from './existing.ts';

const TIMEOUTS = { statement: 0, lock: 0, idle_in_transaction_session: 0, idle_session: 14, transaction: 17 };

for (const major of testedMajors()) {
  test(`a role's settings neither end a session of ours nor change what its SQL means, on ${major}`, async () => {
    const cluster = await startCluster(major);
    const url = `postgresql://odd@127.0.0.1:${cluster.port}/postgres`;
    try {
      const admin = await cluster.connect('postgres');
      await admin.query('CREATE ROLE odd LOGIN');
      const timeouts = Object.entries(TIMEOUTS).filter(([, since]) => cluster.major >= since);
      for (const setting of [
        ...(await oddSettings(admin, 'superuser', 'least')),
        ...timeouts.map(([what]) => ({ name: `${what}_timeout`, value: '100ms' })),
      ])
        await admin.query(alter('ROLE odd', setting));

      await withClient(connectTo(url, { purpose: 'test' }), async (ours) => {
        await ours.query('BEGIN');
        const other = await cluster.connect('postgres', 'odd');
        const ended = new Promise((resolve) => other.once('end', resolve));
        await other.query('BEGIN');
        await ended;
        await ours.query('SELECT pg_sleep(0.3)');
        await expect(ours.query('SELECT 1/0')).rejects.toThrow('division by zero');
        await ours.query('ROLLBACK');
        const { rows } = await ours.query(
          'SELECT name, current_setting(name) AS value FROM pg_settings WHERE name = ANY ($1)',
          [Object.keys(OURS)],
        );
        expect(rows).toEqual(rows.map(({ name }) => ({ name, value: OURS[name] })));
      });
      await withClient(connectTo(url, { purpose: 'test', settings: 'inherited' }), async (client) => {
        const { rows } = await client.query("SELECT pg_catalog.current_setting('search_path') AS path");
        expect(rows).toEqual([{ path: 'odd, pg_catalog, public' }]);
      });
      await admin.end();
    } finally {
      await cluster.close();
    }
  });
}
