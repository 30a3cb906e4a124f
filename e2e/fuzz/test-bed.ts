// The server under a fuzzer, and the databases of one schema: pristine, with capture, and clones of both.
import type pg from 'pg';
import { type Control, openControl } from '../../src/rewind/control.ts';
import { installCapture } from '../../src/rewind/install.ts';
import { type Cluster, SETTINGS, startCluster } from '../../src/rewind/testing/cluster.ts';
import { type Model, readModel } from './model.ts';
import { literal } from './names.ts';
import { BASE_OBJECTS } from './types.ts';

/** How a schema comes about. */
export interface Source {
  readonly role: 'fuzz_app' | 'postgres';
  readonly ddl: 'event triggers' | 'digest';
  readonly statements: (major: number) => readonly string[];
  readonly seed: (model: Model) => readonly string[];
  readonly onRefused?: (what: string) => void;
}

/** Who has capture installed, and rewinds: a superuser, or the owner of the tables, who may not set session_replication_role. */
export type Rewinder = 'superuser' | 'owner';

/** Breaks rewind in a database with capture, to see whether that is found. */
export type Alter = (client: pg.Client) => Promise<void>;

export interface Clone {
  readonly database: string;
  readonly ddl: Source['ddl'];
  readonly rewinder: Rewinder;
  readonly control: Control;
  /** Looks on, and is nobody's. */
  readonly observer: pg.Client;
  readonly drop: () => Promise<void>;
}

export interface TestBed {
  readonly cluster: Cluster;
  readonly make: (source: Source) => Promise<Site>;
  readonly close: () => Promise<void>;
}

export interface Site {
  readonly model: Model;
  readonly role: string;
  readonly captured: () => Promise<Clone>;
  readonly plain: () => Promise<Omit<Clone, 'control'>>;
  readonly remove: () => Promise<void>;
}

export interface TestBedOptions {
  readonly alter?: Alter | undefined;
  /** @default 'superuser' */
  readonly rewinder?: Rewinder | undefined;
}

export async function openTestBed(major: string, options: TestBedOptions = {}): Promise<TestBed> {
  const { alter, rewinder = 'superuser' } = options;
  const cluster = await startCluster(major, {
    settings: { ...SETTINGS, wal_level: 'logical', max_replication_slots: '50' },
  });
  const admin = await cluster.connect('postgres');
  await admin.query('CREATE DATABASE fuzz_base');
  const base = await cluster.connect('fuzz_base');
  for (const statement of BASE_OBJECTS) await base.query(statement);
  await base.end();
  let serial = 0;
  const make = async (given: Source): Promise<Site> => {
    const source: Source = rewinder === 'owner' ? { ...given, role: 'fuzz_app', ddl: 'digest' } : given;
    const control = rewinder === 'owner' ? source.role : 'postgres';
    const name = `f${++serial}`;
    await admin.query(`CREATE DATABASE ${name}_plain OWNER ${source.role} TEMPLATE fuzz_base`);
    const model = await build(cluster, `${name}_plain`, source);
    await admin.query(`CREATE DATABASE ${name}_captured OWNER ${source.role} TEMPLATE ${name}_plain`);
    await capture(cluster, `${name}_captured`, source, control, alter);
    let clones = 0;
    const clone = async (kind: string): Promise<Omit<Clone, 'control'>> => {
      const database = `${name}_${++clones}`;
      await admin.query(`CREATE DATABASE ${database} OWNER ${source.role} TEMPLATE ${name}_${kind}`);
      const observer = await cluster.connect(database);
      const drop = async (): Promise<void> => {
        await observer.end();
        await dropDatabase(admin, cluster, database);
      };
      return { database, ddl: source.ddl, rewinder, observer, drop };
    };
    return {
      model,
      role: source.role,
      plain: () => clone('plain'),
      captured: async () => {
        const made = await clone('captured');
        const client = await cluster.connect(made.database, control);
        return { ...made, control: await openControl(client), drop: () => client.end().then(made.drop) };
      },
      remove: async () => {
        for (const kind of ['plain', 'captured']) await admin.query(`DROP DATABASE ${name}_${kind}`);
      },
    };
  };
  return { cluster, make, close: () => admin.end().then(() => cluster.close()) };
}

async function build(cluster: Cluster, database: string, source: Source): Promise<Model> {
  const client = await cluster.connect(database);
  try {
    await client.query(`SET SESSION AUTHORIZATION ${source.role}`);
    client.on('notice', ({ message, detail }) => {
      if (message === REFUSED) source.onRefused?.(detail ?? '');
    });
    await client.query(attempts(source.statements(cluster.major)));
    const model = await readModel(client, cluster.major);
    await client.query(attempts(source.seed(model)));
    return model;
  } finally {
    await client.end();
  }
}

const REFUSED = 'refused';

// In one message: what this version or a neighbour does not allow, or what chance made collide, is left out.
function attempts(statements: readonly string[]): string {
  return `DO $attempts$ DECLARE statement text; BEGIN
    SET CONSTRAINTS ALL IMMEDIATE;
    FOREACH statement IN ARRAY ARRAY[${statements.map(literal).join(', ')}]::text[] LOOP
      BEGIN EXECUTE statement;
      EXCEPTION WHEN OTHERS THEN RAISE NOTICE '${REFUSED}' USING DETAIL = concat(statement, ': ', sqlerrm); END;
    END LOOP; END $attempts$`;
}

async function capture(
  cluster: Cluster,
  database: string,
  source: Source,
  control: string,
  alter: Alter | undefined,
): Promise<void> {
  const client = await cluster.connect(database, control);
  await installCapture(client, source.ddl === 'digest' ? { eventTriggers: false } : {});
  await alter?.(client);
  await client.end();
}

async function dropDatabase(admin: pg.Client, cluster: Cluster, database: string): Promise<void> {
  const { rows } = await admin.query<{ gid: string }>('SELECT gid FROM pg_prepared_xacts WHERE database = $1', [
    database,
  ]);
  if (rows.length > 0) {
    const inside = await cluster.connect(database);
    for (const { gid } of rows) await inside.query(`ROLLBACK PREPARED '${gid.replaceAll("'", "''")}'`);
    await inside.end();
  }
  await admin.query('SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE database = $1', [
    database,
  ]);
  await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
}
