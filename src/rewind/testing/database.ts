// What the tests of this folder stand on: servers by version, databases with capture, and the whole state of one as text.
import { test as base } from '@playwright/test';
import type pg from 'pg';
import { type Control, openControl } from '../control.ts';
import { installCapture } from '../install.ts';
import { type Cluster, startCluster } from './cluster.ts';

export interface TestDatabase {
  readonly cluster: Cluster;
  /** The application's connection, to the database with capture. */
  readonly app: pg.Client;
  readonly control: Control;
  /** To a database of the same schema that nothing is written to and that has no capture. */
  readonly untouched: pg.Client;
  /** Another connection of the application's; ended with the test. */
  readonly connect: (user?: string) => Promise<pg.Client>;
}

interface Fixtures {
  /** Makes two databases from `schema`, one with capture; `owner` makes the schema, and rewinds. */
  testDatabase: (major: string, schema: string, owner?: Owner) => Promise<TestDatabase>;
}

/** `weak` may create databases and roles, and not set session_replication_role. */
export type Owner = 'postgres' | 'weak';

/** A server, and the databases on it that others are cloned from: two a schema, with capture and without. */
interface Server {
  readonly cluster: Cluster;
  readonly admin: pg.Client;
  readonly templates: Map<string, string>;
}

let serial = 0;

export const test = base.extend<Fixtures, { server: (major: string) => Promise<Server> }>({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads fixture names from the pattern.
    async ({}, use) => {
      const running = new Map<string, Promise<Server>>();
      await use((major) => {
        const server = running.get(major) ?? startServer(major);
        running.set(major, server);
        return server;
      });
      for (const server of running.values()) await (await server).cluster.close();
    },
    { scope: 'worker' },
  ],
  testDatabase: async ({ server }, use) => {
    const clients: pg.Client[] = [];
    const cleaning: (() => Promise<unknown>)[] = [];
    await use(async (major, schema, owner = 'postgres') => {
      const { cluster, admin, templates } = await server(major);
      const template = templates.get(owner + schema) ?? (await makeTemplates(cluster, admin, schema, owner));
      templates.set(owner + schema, template);
      const name = `t${++serial}`;
      await admin.query(`CREATE DATABASE ${name} OWNER ${owner} TEMPLATE ${template} ${cluster.copied}`);
      await admin.query(`CREATE DATABASE ${name}_plain TEMPLATE ${template}_plain ${cluster.copied}`);
      cleaning.push(() => admin.query(`DROP DATABASE ${name}`).then(() => admin.query(`DROP DATABASE ${name}_plain`)));
      const connect = async (database: string, user?: string): Promise<pg.Client> => {
        const client = await cluster.connect(database, user);
        clients.push(client);
        return client;
      };
      return {
        cluster,
        app: await connect(name),
        control: await openControl(await connect(name, owner)),
        untouched: await connect(`${name}_plain`),
        connect: (user) => connect(name, user),
      };
    });
    for (const client of clients) await client.end();
    // A clone that a prepared transaction or a terminated session still holds stays until the server ends.
    for (const clean of cleaning) await clean().catch(() => {});
  },
});

async function startServer(major: string): Promise<Server> {
  const cluster = await startCluster(major);
  const admin = await cluster.connect('postgres');
  await admin.query('CREATE ROLE weak LOGIN CREATEDB CREATEROLE');
  return { cluster, admin, templates: new Map() };
}

async function makeTemplates(cluster: Cluster, admin: pg.Client, schema: string, owner: Owner): Promise<string> {
  const name = `template_${++serial}`;
  await admin.query(`CREATE DATABASE ${name}_plain OWNER ${owner} ${cluster.copied}`);
  const plain = await cluster.connect(`${name}_plain`, owner);
  await plain.query(schema);
  await plain.end();
  await admin.query(`CREATE DATABASE ${name} OWNER ${owner} TEMPLATE ${name}_plain ${cluster.copied}`);
  const installer = await cluster.connect(name, owner);
  await installCapture(installer);
  await installer.end();
  return name;
}

export { expect } from '@playwright/test';

/** Every row of every table, sorted, and every sequence; by name. */
export async function stateOf(client: pg.Client): Promise<Record<string, string>> {
  await client.query(READABLE);
  const { rows: relations } = await client.query<{ name: string; kind: string }>(RELATIONS);
  const state: Record<string, string> = {};
  for (const { name, kind } of relations) {
    const text = kind === 'S' ? "concat_ws(' ', last_value, is_called)" : 'record_out("~t")::text';
    const { rows } = await client.query<{ all: string | null }>(
      `SELECT string_agg(${text}, E'\\n' ORDER BY ${text} COLLATE "C") AS all FROM ${kind === 'm' ? '' : 'ONLY'} ${name} "~t"`,
    );
    state[name] = rows[0]?.all ?? '';
  }
  await client.query('RESET ALL');
  return state;
}

const READABLE = `RESET ALL; RESET ROLE; SET search_path = pg_catalog; SET extra_float_digits = 3; SET TimeZone = 'UTC'; SET row_security = off`;
const RELATIONS = `
SELECT c.oid::regclass::text AS name, c.relkind AS kind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE c.relkind IN ('r', 'S', 'm') AND c.relpersistence <> 't' AND n.nspname NOT IN ('playwright_stacks', 'pg_catalog', 'information_schema', 'pg_toast')
ORDER BY 1`;
