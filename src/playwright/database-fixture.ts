// The `db` fixture: queries of a test on its slot's database, over a connection of the test's own.
import type { Client, QueryResult } from 'pg';
import { serverTitle } from '../postgres/connection-string.ts';

/** The slot's database, as a test sees it. */
export interface StackDatabase {
  /** Connection string. */
  readonly url: string;
  /**
   * Runs one statement on a connection that is opened by the test's first query and closed when the test ends; a
   * transaction left open is rolled back.
   * @param text SQL with `$1`, `$2` … for `values`
   */
  query<Row extends object = Record<string, unknown>>(
    text: string,
    values?: readonly unknown[],
  ): Promise<{ readonly rows: Row[]; readonly rowCount: number | null }>;
}

export function openDatabase(url: string): StackDatabase & AsyncDisposable {
  let client: Promise<Client> | undefined;
  return {
    url,
    async query<Row extends object>(text: string, values: readonly unknown[] = []) {
      client ??= connect(url);
      const result: QueryResult<Row> = await (await client).query<Row>(text, [...values]);
      return { rows: result.rows, rowCount: result.rowCount };
    },
    async [Symbol.asyncDispose]() {
      await (await client)?.end();
    },
  };
}

async function connect(url: string): Promise<Client> {
  // Imported by the first query: suites that never ask do not pay for it.
  const { connect: open } = await import('../postgres/connection.ts');
  return open({ connectionString: url }, serverTitle(url), { purpose: 'test' });
}
