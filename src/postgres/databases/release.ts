// What an application may have left in a database that keeps it from being dropped though nobody is connected: prepared
// transactions and subscriptions. They can be removed only from within.
import { type Client, connectBeside, withClient } from '../client/connection.ts';
import { quoteIdent, quoteLiteral } from '../client/quote.ts';

/** For one who knows that `database` is ours. What a subscription has made on its publisher stays: it may be others'. */
export async function release(client: Client, database: string): Promise<void> {
  await withClient(connectBeside(client, database, `drop ${database}`), async (inside) => {
    const { rows: prepared } = await inside.query<{ gid: string }>(PREPARED);
    for (const { gid } of prepared) await inside.query(`ROLLBACK PREPARED ${quoteLiteral(gid)}`);
    const { rows: subscriptions } = await inside.query<{ name: string }>(SUBSCRIPTIONS);
    for (const subscription of subscriptions) {
      const name = quoteIdent(subscription.name);
      await inside.query(`ALTER SUBSCRIPTION ${name} DISABLE`);
      await inside.query(`ALTER SUBSCRIPTION ${name} SET (slot_name = NONE)`);
      await inside.query(`DROP SUBSCRIPTION ${name}`);
    }
  });
}

const PREPARED = 'SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database()';

const SUBSCRIPTIONS = `
  SELECT subname AS name
    FROM pg_catalog.pg_subscription
   WHERE subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database())`;
