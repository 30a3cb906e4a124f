// What this folder needs of a Postgres client: the shape of pg's, not the package.

/** One connection, not a pool: settings and transactions stay on it. A `pg.Client` is one. */
export interface Sql {
  query(text: string, values?: unknown[]): Promise<{ rows: unknown[] }>;
  /** A statement with a name is parsed once a connection. */
  query(statement: { name: string; text: string; values: unknown[] }): Promise<{ rows: unknown[] }>;
}

/** The rows of a statement, whose columns the caller knows. */
export async function rowsOf<Row>(sql: Sql, text: string, values: unknown[] = []): Promise<Row[]> {
  const { rows } = await sql.query(text, values);
  return rows as Row[];
}

/** The SQLSTATE of what a client threw; '' for anything else. */
export function sqlStateOf(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}
