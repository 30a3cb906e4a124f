// One of the databases that a script runs on: its server, its session, its psql variables.
import type pg from 'pg';
import { type Cluster, startCluster } from '../../../src/rewind/testing/cluster.ts';
import { Session, type Told } from '../session.ts';
import type { Command, Item } from './script.ts';
import { Variables } from './variables.ts';

export class Server {
  readonly cluster: Cluster;
  readonly admin: pg.Client;

  private constructor(cluster: Cluster, admin: pg.Client) {
    this.cluster = cluster;
    this.admin = admin;
  }

  static async start(major: string): Promise<Server> {
    const cluster = await startCluster(major);
    return new Server(cluster, await cluster.connect('postgres'));
  }

  async close(): Promise<void> {
    await this.admin.end();
    await this.cluster.close();
  }
}

export class Side {
  readonly server: Server;
  readonly database: string;
  readonly variables: Variables;
  /** Looks on, and is nobody's. */
  readonly observer: pg.Client;
  #session: Session;

  private constructor(server: Server, database: string, observer: pg.Client, folder: string) {
    this.server = server;
    this.database = database;
    this.observer = observer;
    this.variables = new Variables([
      ['abs_srcdir', folder],
      ['PG_ABS_SRCDIR', folder],
      ['abs_builddir', folder],
      ['PG_ABS_BUILDDIR', folder],
      ['libdir', folder],
      ['PG_LIBDIR', folder],
      ['DBNAME', database],
      ['USER', 'postgres'],
    ]);
    this.#session = this.#open('postgres');
  }

  static async open(server: Server, database: string, template: string, folder: string): Promise<Side> {
    await server.admin.query(`CREATE DATABASE ${database} TEMPLATE ${template}`);
    return new Side(server, database, await server.cluster.connect(database), folder);
  }

  get inside(): boolean {
    return this.#session.inside;
  }

  async run(item: Extract<Item, { kind: 'sql' }>): Promise<Told> {
    const told = await this.#session.run({ text: this.variables.in(item.text), data: item.data });
    const last = told.results?.at(-1);
    if (item.ends?.name === 'gset' && last?.rows.length === 1)
      last.columns.forEach((column, nth) => {
        const value = last.rows[0]?.[nth];
        if (typeof value === 'string') this.variables.set(`${item.ends?.rest ?? ''}${column}`, value);
      });
    return told;
  }

  /** What psql itself does that matters to what follows. */
  async apply({ name, rest }: Command): Promise<void> {
    if (name === 'set' || name === 'unset' || name === 'getenv') this.variables.apply(name, rest);
    else if (name === 'encoding' && rest) await this.#session.run({ text: `SET client_encoding = ${rest}` });
    else if (name === 'c' || name === 'connect') {
      const [, user = 'postgres'] = this.variables.in(rest).split(/\s+/);
      await this.#session.close();
      this.#session = this.#open(user === '-' ? 'postgres' : user.replaceAll('"', ''));
    }
  }

  /** Leaves the database where it is. */
  async leave(): Promise<void> {
    await this.#session.close();
    await this.observer.end();
  }

  async close(): Promise<void> {
    await this.leave();
    const inside = await this.server.cluster.connect(this.database);
    const { rows } = await inside.query<{ gid: string }>(
      'SELECT gid FROM pg_prepared_xacts WHERE database = current_database()',
    );
    for (const { gid } of rows) await inside.query(`ROLLBACK PREPARED '${gid.replaceAll("'", "''")}'`);
    await inside.end();
    await this.server.admin.query(`DROP DATABASE ${this.database} WITH (FORCE)`);
  }

  #open(user: string): Session {
    const { port } = this.server.cluster;
    return new Session('s1', { port, database: this.database, user, deeds: () => [], say: () => {} });
  }
}
