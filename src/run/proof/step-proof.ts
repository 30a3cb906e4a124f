// `migrate` and `seed`, proved: that they were on the template, and on no database of the developer's.
import type { ResolvedDatabase, Task } from '../../config/resolved.ts';
import { StacksError } from '../../errors.ts';
import type { Client } from '../../postgres/client/connection.ts';
import { databaseOf } from '../../postgres/client/connection-string.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';
import type { Connection } from '../../process/connections.ts';
import { runTask, type TaskOptions } from '../../process/run-command.ts';
import { watchConnections } from '../../process/watch-connections.ts';
import { type DatabaseConnections, described, type OtherDatabase, othersAmong, type Seen } from './connected-to.ts';
import { objectsAt, objectsOf } from './objects.ts';

/** The steps of one template. */
export class StepProof {
  readonly #server: DatabaseServer;
  readonly #connections: DatabaseConnections;
  readonly #database: Pick<ResolvedDatabase, 'empty'>;
  #before: string | undefined;
  readonly #steps: {
    readonly title: string;
    readonly variables: readonly string[];
    readonly others: readonly OtherDatabase[];
  }[] = [];

  constructor(server: DatabaseServer, connections: DatabaseConnections, database: Pick<ResolvedDatabase, 'empty'>) {
    this.#server = server;
    this.#connections = connections;
    this.#database = database;
  }

  /**
   * Runs a step, and ends it as soon as it is seen on a database that the developer's environment names.
   * @throws DATABASE_UNUSED when it was on others only, or what `runTask` throws
   */
  async run(task: Task, options: TaskOptions): Promise<void> {
    const { title, context, signal } = options;
    const variables = Object.keys(context.env);
    if (!this.#database.empty) this.#before ??= await objectsAt(this.#server, context.url);
    const found = new AbortController();
    const step = new StepConnections(this.#connections, databaseOf(context.url) ?? '', (others) =>
      found.abort(
        elsewhere(`\`${title}\` was ended, because it was on another database than its own.`, variables, others),
      ),
    );
    const watch: TaskOptions['watch'] = (members) => watchConnections(members, (all) => step.look(all));
    await runTask(task, { ...options, watch, signal: AbortSignal.any([signal, found.signal]) });
    const { own, others } = await step.seen();
    if (!own && others.length > 0) {
      throw elsewhere(`\`${title}\` was on another database, and not on its own.`, variables, others);
    }
    this.#steps.push({ title, variables, others });
  }

  /**
   * All steps are done; `client` is on the template.
   * @throws DATABASE_UNUSED when they left nothing in it
   */
  async check(client: Client): Promise<void> {
    if (this.#before === undefined || this.#before !== (await objectsOf(client))) return;
    const titles = this.#steps.map(({ title }) => `\`${title}\``).join(' and ');
    const several = this.#steps.length > 1;
    throw new StacksError('DATABASE_UNUSED', `${titles} changed nothing in ${several ? 'their' : 'its'} database.`, {
      facts: {
        ...facts(this.#steps[0]?.variables ?? []),
        'connected to':
          this.#steps.flatMap(({ others }) => others.map(described)).join(', ') || 'no Postgres over TCP was seen',
      },
      hint: `${REMEDY} A database that is to stay empty: \`empty: true\` beside it.`,
    });
  }
}

/** What the processes of one step were connected to so far. */
class StepConnections {
  readonly #connections: DatabaseConnections;
  readonly #database: string;
  readonly #onDevelopment: (others: readonly OtherDatabase[]) => void;
  readonly #seen = new Map<string, Seen>();
  #looking: Promise<void> = Promise.resolve();

  constructor(
    connections: DatabaseConnections,
    database: string,
    onDevelopment: (others: readonly OtherDatabase[]) => void,
  ) {
    this.#connections = connections;
    this.#database = database;
    this.#onDevelopment = onDevelopment;
  }

  look(all: readonly Connection[]): void {
    this.#looking = this.#looking.then(() => this.#look(all)).catch(() => {}); // Postgres is gone: the step will say so.
  }

  async seen(): Promise<{ readonly own: boolean; readonly others: readonly OtherDatabase[] }> {
    await this.#looking;
    return this.#found();
  }

  #found(): { readonly own: boolean; readonly others: readonly OtherDatabase[] } {
    const all = [...this.#seen.values()];
    return { own: all.some(({ kind }) => kind === 'own'), others: othersAmong(all) };
  }

  async #look(all: readonly Connection[]): Promise<void> {
    const open = all.filter((each) => (this.#seen.get(keyOf(each))?.kind ?? 'unknown') === 'unknown');
    if (open.length === 0) return;
    for (const seen of await this.#connections.look(open, [this.#database])) {
      this.#seen.set(keyOf(seen.connection), seen);
    }
    const { own, others } = this.#found();
    if (!own && others.some(({ named }) => named)) this.#onDevelopment(others);
  }
}

function keyOf({ localPort, address, port }: Connection): string {
  return `${localPort} ${address} ${port}`;
}

function elsewhere(what: string, variables: readonly string[], others: readonly OtherDatabase[]): StacksError {
  return new StacksError('DATABASE_UNUSED', what, {
    facts: { ...facts(variables), 'connected to': others.map(described).join(', ') },
    hint: `${REMEDY} Where it is to reach another database: allowDatabases: ['${others[0]?.title}'].`,
  });
}

const REMEDY = 'let it read one of these variables, or name the one that it reads in `env` of the database.';

function facts(variables: readonly string[]): Record<string, string> {
  return { 'variables given': variables.join(', ') };
}
