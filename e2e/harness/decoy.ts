// The developer's own database, which no run may touch: a database on the existing server, whose contents are compared.
import pg from 'pg';
import { test as base, expect } from './test.ts';

export interface Decoy {
  /** Connection string. */
  readonly url: string;
  /** `127.0.0.1:41234/dev_17`: how messages name it. */
  readonly title: string;
  /** Every row with the transaction that wrote it, and every object. */
  readonly contents: () => Promise<string>;
}

/** `decoy` is made with the test, and must be as it was made when the test ends. */
export const test = base.extend<{ decoy: Decoy }>({
  decoy: async ({ existingServer }, use, testInfo) => {
    const database = `dev_${testInfo.workerIndex}_${testInfo.parallelIndex}`;
    await existingServer.adminQuery(`CREATE DATABASE ${database}`);
    const url = new URL(existingServer.url);
    url.pathname = `/${database}`;
    const decoy: Decoy = {
      url: url.href,
      title: `127.0.0.1:${existingServer.port}/${database}`,
      contents: () => contents(url.href),
    };
    await query(
      url.href,
      `CREATE TABLE items (id serial PRIMARY KEY, name text); INSERT INTO items (name) VALUES ('of the developer')`,
    );
    const before = await decoy.contents();
    await use(decoy);
    const after = await decoy.contents();
    await existingServer.adminQuery(`DROP DATABASE ${database} WITH (FORCE)`);
    expect(after).toBe(before);
  },
});

async function contents(url: string): Promise<string> {
  const objects = await query(
    url,
    'SELECT oid, relname, relkind, relfilenode FROM pg_class WHERE oid >= 16384 ORDER BY oid',
  );
  const rows = await query(url, 'SELECT ctid, xmin, xmax, i AS row FROM items i ORDER BY ctid');
  const sequence = await query(url, 'SELECT * FROM items_id_seq');
  return JSON.stringify({ objects, rows, sequence });
}

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

export { expect } from './test.ts';
