// The server that everything is measured on, and databases on it: of one schema, small or large, with capture or without.
import { statfs } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import type pg from 'pg';
import { embeddedSettings } from '../src/postgres/embedded/settings.ts';
import { type Control, openControl } from '../src/rewind/control.ts';
import { installCapture } from '../src/rewind/install.ts';
import { type Mark, mark } from '../src/rewind/mark.ts';
import { type Cluster, startCluster } from '../src/rewind/testing/cluster.ts';

/** A database with capture, as a worker has it: a control connection, and an application with three. */
export interface BenchDatabase {
  readonly control: Control;
  /** Rewinds so far. */
  rewinds: number;
  readonly start: Mark;
  readonly app: pg.Client;
}

export interface TestBed {
  readonly cluster: Cluster;
  readonly admin: pg.Client;
  /** Makes the templates `<name>`, and `<name>_captured`. */
  makeTemplates(name: string, tables: number, bigRows: number): Promise<void>;
  clone(database: string, template: string): Promise<void>;
  openDatabase(database: string, template: string): Promise<BenchDatabase>;
}

const SPACE_NEEDED = 8e9;

export async function openTestBed(): Promise<TestBed> {
  const major = process.env.STACKS_BENCH_MAJOR ?? '18';
  const memory = await statfs('/dev/shm').catch(() => undefined);
  const fits = memory !== undefined && memory.bavail * memory.bsize > SPACE_NEEDED;
  const { port, unix_socket_directories, hba_file, cluster_name, ...settings } = embeddedSettings({
    major: Number(major),
    port: 0,
    slots: 4,
    socket: '',
    hba: '',
    title: '',
    counts: true,
  });
  const cluster = await startCluster(major, { parent: fits ? '/dev/shm' : tmpdir(), settings });
  const admin = await cluster.connect('postgres');
  const clone = async (database: string, template: string): Promise<void> => {
    await admin.query(`CREATE DATABASE ${database} TEMPLATE ${template} ${cloneStrategy(cluster)}`);
  };
  return {
    cluster,
    admin,
    clone,
    makeTemplates: async (name, tables, bigRows) => {
      await admin.query(`CREATE DATABASE ${name}`);
      const maker = await cluster.connect(name);
      await maker.query(schemaSql(tables, bigRows));
      await maker.query('VACUUM ANALYZE');
      await maker.end();
      await clone(`${name}_captured`, name);
      const installer = await cluster.connect(`${name}_captured`);
      await installCapture(installer);
      await installer.end();
    },
    openDatabase: async (database, template) => {
      await clone(database, template);
      const control = await openControl(await cluster.connect(database));
      const [app] = await Promise.all([1, 2, 3].map(() => cluster.connect(database)));
      if (!app) throw new Error('no connection');
      return { control, rewinds: 0, start: await mark(control), app };
    },
  };
}

export function cloneStrategy({ major }: Cluster): string {
  return major >= 15 ? 'STRATEGY file_copy' : '';
}

/** `tables` of them: t0, t1, …, each referring to the one before, and `big`. */
function schemaSql(tables: number, bigRows: number): string {
  return [
    ...Array.from({ length: tables - 1 }, (_, i) => tableSql(i)),
    'CREATE TABLE big (id bigint PRIMARY KEY, name text NOT NULL, pad text)',
    ...seedSql(tables, bigRows),
  ].join(';\n');
}

export function tableSql(i: number): string {
  const parent = i % 30 ? `REFERENCES t${i - 1} (id) ON DELETE CASCADE` : '';
  return `CREATE TABLE t${i} (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, parent bigint ${parent}, name text NOT NULL,
    v numeric, at timestamptz DEFAULT now(), j jsonb, up text GENERATED ALWAYS AS (upper(name)) STORED);
    CREATE INDEX ON t${i} (parent)`;
}

export function seedSql(tables: number, bigRows: number): string[] {
  return [
    ...Array.from(
      { length: tables - 1 },
      (_, i) => `INSERT INTO t${i} (parent, name, v, j)
        SELECT ${i % 30 ? 'g' : 'NULL'}, 'n' || g, random(), '{"a":1}' FROM generate_series(1, 40) g`,
    ),
    `INSERT INTO big SELECT g, 'n' || g, repeat('x', 200) FROM generate_series(1, ${bigRows}) g`,
  ];
}
