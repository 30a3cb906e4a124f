// `migrate` and `seed`, proved: that they were on the template, and on no database of the developer's.
import type { ResolvedDatabase, Task } from '../../config/resolved.ts';
import { StacksError } from '../../errors.ts';
import { databaseOf } from '../../postgres/client/connection-string.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';
import type { TaskOptions } from '../../process/run-command.ts';
import { type DatabaseConnections, described, type OtherDatabase } from './connected-to.ts';
import { objectsAt } from './objects.ts';
import { REMEDY, runWatched } from './watched-step.ts';

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

  #url = '';

  constructor(server: DatabaseServer, connections: DatabaseConnections, database: Pick<ResolvedDatabase, 'empty'>) {
    this.#server = server;
    this.#connections = connections;
    this.#database = database;
  }

  /** @throws DATABASE_UNUSED when the step was on others only, or what `runTask` throws */
  async run(task: Task, options: TaskOptions): Promise<void> {
    const { title, context } = options;
    this.#url = context.url;
    if (!this.#database.empty) this.#before ??= await objectsAt(this.#server, context.url);
    const own = databaseOf(context.url);
    const others = await runWatched(task, options, this.#connections, (database) => database === own);
    this.#steps.push({ title, variables: Object.keys(context.env), others });
  }

  /**
   * All steps are done.
   * @throws DATABASE_UNUSED when they left nothing in their database
   */
  async check(): Promise<void> {
    if (this.#before === undefined || this.#before !== (await objectsAt(this.#server, this.#url))) return;
    const titles = this.#steps.map(({ title }) => `\`${title}\``).join(' and ');
    const several = this.#steps.length > 1;
    const others = this.#steps.flatMap((step) => step.others.map(described));
    throw new StacksError('DATABASE_UNUSED', `${titles} changed nothing in ${several ? 'their' : 'its'} database.`, {
      facts: {
        'variables given': (this.#steps[0]?.variables ?? []).join(', '),
        'connected to': others.join(', ') || 'no Postgres over TCP was seen',
      },
      hint: `${REMEDY} A database that is to stay empty: \`empty: true\` beside it.`,
    });
  }
}
