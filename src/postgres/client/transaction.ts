// All of `work`, or nothing of it.
import type { Client } from './connection.ts';

export async function inTransaction<T>(client: Client, work: () => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const done = await work();
    await client.query('COMMIT');
    return done;
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {}); // lost: the first cause says so
    throw error;
  }
}
