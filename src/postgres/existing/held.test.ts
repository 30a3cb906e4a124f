// What holds a database though nobody is connected to it.
import { expect, test } from '@playwright/test';
import { Lifetime } from '../../lifetime.ts';
import { newRunKey } from '../../names.ts';
import { startCluster } from '../../rewind/testing/cluster.ts';
import { testedMajors } from '../../rewind/testing/majors.ts';
import { withClient } from '../client/connection.ts';
import { dropMade } from '../databases/drop.ts';
import { makeDatabase } from '../databases/make-database.ts';
import { connectTo, useExisting } from './existing.ts';
import { sweepDatabases } from './sweep-databases.ts';

for (const major of testedMajors()) {
  test(`a subscription or a prepared transaction keeps no database from being dropped, on ${major}`, {
    tag: major === '15' ? [] : '@matrix',
  }, async () => {
    await using lifetime = new Lifetime();
    const cluster = await startCluster(major);
    lifetime.defer('cluster', () => cluster.close());
    const url = `postgresql://postgres@127.0.0.1:${cluster.port}/postgres`;
    const { signal } = new AbortController();
    const server = await useExisting({ url, run: newRunKey(), connections: 1, signal, lifetime });
    const held = (name: string, kind: 'run' | 'template', run = newRunKey()) =>
      withClient(connectTo(url, { purpose: 'test' }), async (client) => {
        const key = { key: '0123456789abcdef', used: '2020-01-01' };
        const template = kind === 'template' ? { template: key } : {};
        const made = await makeDatabase(server, client, { kind, run, name, comment: '', ...template });
        await withClient(server.connect({ purpose: 'test', database: name }), async (inside) => {
          await inside.query(
            `CREATE SUBSCRIPTION "it's ${kind}" CONNECTION 'host=/no/such' PUBLICATION p WITH (connect = false)`,
          );
          await inside.query(`ALTER SUBSCRIPTION "it's ${kind}" ENABLE`);
          await inside.query(`BEGIN; SELECT pg_current_xact_id(); PREPARE TRANSACTION 'it''s ${name}'`);
        });
        if (kind === 'template') await client.query(`ALTER DATABASE ${name} ALLOW_CONNECTIONS false`);
        return made;
      });

    const run = newRunKey();
    await dropMade(server, await held(`stk_${run}_0`, 'run'));
    await held(`stk_${run}_1`, 'run');
    await held('stk_template_0123456789abcdef', 'template');
    await withClient(connectTo(url, { purpose: 'sweep' }), async (client) => {
      const { dropped, failures } = await sweepDatabases(client, 'drop');
      expect(failures).toEqual([]);
      expect([...dropped].sort()).toEqual([`stk_${run}_1`, 'stk_template_0123456789abcdef']);
      expect((await client.query(`SELECT FROM pg_database WHERE datname LIKE 'stk%'`)).rowCount).toBe(0);
    });
  });
}
