// Thirty tables, and the rows that each test begins with.
import pg from 'pg';

export const TABLES = ['notes', ...Array.from({ length: 29 }, (_, n) => `other_${n}`)];
export const SEED = "INSERT INTO notes (text) VALUES ('seeded'), ('seeded, too')";

export async function migrate({ url }) {
  const client = new pg.Client(url);
  await client.connect();
  for (const table of TABLES) {
    await client.query(
      `CREATE TABLE ${table} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, text text NOT NULL)`,
    );
  }
  await client.query(SEED);
  await client.end();
}
