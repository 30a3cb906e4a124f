// A server on which a run works beside a role that plants traps.
import { test } from '@playwright/test';
import { Lifetime } from '../../lifetime.ts';
import type { Client } from '../../postgres/client/connection.ts';
import { connectTo } from '../../postgres/existing/existing.ts';
import { startCluster } from '../../rewind/testing/cluster.ts';
import { inDatabase } from './as-a-run.ts';

export interface SharedServer {
  readonly lifetime: Lifetime;
  /** The connection string of a role: `postgres`; `one`, who makes databases; `planter`. */
  readonly as: (role: 'postgres' | 'one' | 'planter') => string;
  readonly admin: Client;
  readonly isSuperuser: (role: string) => Promise<boolean>;
  /** Lets the planter plant: in `template1` and `postgres`, and in the schema public of new databases, as before Postgres 15. */
  readonly open: () => Promise<void>;
  readonly clean: () => Promise<void>;
}

/** One for all tests of a describe, which follow each other: each changes its template1. Read what is returned in tests only. */
export function useSharedServer(major: string): () => SharedServer {
  test.describe.configure({ mode: 'default' });
  let server: SharedServer | undefined;
  const started = () => {
    if (!server) throw new Error('no server has started');
    return server;
  };
  test.beforeAll(async () => {
    server = await startSharedServer(major);
  });
  test.afterAll(() => server?.lifetime.close());
  test.beforeEach(() => started().open());
  test.afterEach(() => started().clean());
  return started;
}

async function startSharedServer(major: string): Promise<SharedServer> {
  const lifetime = new Lifetime();
  const cluster = await startCluster(major);
  lifetime.defer('cluster', () => cluster.close());
  const as = (role: string) => `postgresql://${role}@127.0.0.1:${cluster.port}/postgres`;
  const admin = await connectTo(as('postgres'), { purpose: 'test' });
  lifetime.defer('session', () => admin.end());
  await admin.query('CREATE ROLE one LOGIN CREATEDB; CREATE ROLE planter LOGIN CREATEDB');
  const each = async (sql: (database: string) => string) => {
    for (const database of ['template1', 'postgres']) await inDatabase(as('postgres'), database, sql(database));
  };
  return {
    lifetime,
    as,
    admin,
    isSuperuser: async (role) => {
      const sql = 'SELECT rolsuper AS is FROM pg_roles WHERE rolname = $1';
      return (await admin.query<{ is: boolean }>(sql, [role])).rows[0]?.is ?? false;
    },
    open: () =>
      each((database) => `GRANT CREATE ON DATABASE ${database} TO planter; GRANT CREATE ON SCHEMA public TO planter`),
    clean: async () => {
      await admin.query('ALTER ROLE one RESET search_path; ALTER ROLE postgres RESET search_path');
      await admin.query('REVOKE planter FROM one; ALTER ROLE planter NOSUPERUSER');
      await each(
        () => `DROP OWNED BY planter CASCADE; DROP SCHEMA IF EXISTS public, planted CASCADE;
          CREATE SCHEMA public; GRANT ALL ON SCHEMA public TO PUBLIC`,
      );
    },
  };
}
