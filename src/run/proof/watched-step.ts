// A step of the user's that is watched while it runs: what its processes are connected to.
import type { Task } from '../../config/resolved.ts';
import { StacksError } from '../../errors.ts';
import type { Connection } from '../../process/connections.ts';
import { runTask, type TaskOptions } from '../../process/run-command.ts';
import { watchConnections } from '../../process/watch-connections.ts';
import { type DatabaseConnections, described, type OtherDatabase, othersAmong, type Seen } from './connected-to.ts';

/**
 * Runs a step, and ends it as soon as it is seen on a database that the developer's environment names, and on none of its own.
 * @param isOwn whether a database, by its name, is one that it is to be on
 * @returns the others that it was connected to
 * @throws DATABASE_UNUSED when it was on others only, or what `runTask` throws
 */
export async function runWatched(
  task: Task,
  options: TaskOptions,
  connections: DatabaseConnections,
  isOwn: (database: string) => boolean,
): Promise<readonly OtherDatabase[]> {
  const { title, context, signal } = options;
  const variables = Object.keys(context.env);
  const found = new AbortController();
  const step = new StepConnections(connections, isOwn, (others) =>
    found.abort(
      elsewhere(`\`${title}\` was ended, because it was on another database than its own.`, variables, others),
    ),
  );
  const watch: TaskOptions['watch'] = (members) => watchConnections(members, (all) => step.look(all));
  await runTask(task, { ...options, watch, signal: AbortSignal.any([signal, found.signal]) });
  const { isThere, others } = await step.seen();
  if (!isThere && others.length > 0) {
    throw elsewhere(`\`${title}\` was on another database, and not on its own.`, variables, others);
  }
  return others;
}

export const REMEDY = 'let it read one of these variables, or name the one that it reads in `env` of the database.';

/** What the processes of one step were connected to so far. */
class StepConnections {
  readonly #connections: DatabaseConnections;
  readonly #isOwn: (database: string) => boolean;
  readonly #onDevelopment: (others: readonly OtherDatabase[]) => void;
  readonly #seen = new Map<string, Seen>();
  #looking: Promise<void> = Promise.resolve();

  constructor(
    connections: DatabaseConnections,
    isOwn: (database: string) => boolean,
    onDevelopment: (others: readonly OtherDatabase[]) => void,
  ) {
    this.#connections = connections;
    this.#isOwn = isOwn;
    this.#onDevelopment = onDevelopment;
  }

  look(all: readonly Connection[]): void {
    this.#looking = this.#looking.then(() => this.#look(all)).catch(() => {}); // Postgres is gone: the step will say so.
  }

  async seen(): Promise<{ readonly isThere: boolean; readonly others: readonly OtherDatabase[] }> {
    await this.#looking;
    return this.#found();
  }

  #found(): { readonly isThere: boolean; readonly others: readonly OtherDatabase[] } {
    const all = [...this.#seen.values()];
    return { isThere: all.some(({ kind }) => kind === 'own'), others: othersAmong(all) };
  }

  async #look(all: readonly Connection[]): Promise<void> {
    const open = all.filter((each) => (this.#seen.get(keyOf(each))?.kind ?? 'unknown') === 'unknown');
    if (open.length === 0) return;
    for (const seen of await this.#connections.look(open, this.#isOwn)) this.#seen.set(keyOf(seen.connection), seen);
    const { isThere, others } = this.#found();
    if (!isThere && others.some(({ named }) => named)) this.#onDevelopment(others);
  }
}

function keyOf({ localPort, address, port }: Connection): string {
  return `${localPort} ${address} ${port}`;
}

function elsewhere(what: string, variables: readonly string[], others: readonly OtherDatabase[]): StacksError {
  return new StacksError('DATABASE_UNUSED', what, {
    facts: { 'variables given': variables.join(', '), 'connected to': others.map(described).join(', ') },
    hint: `${REMEDY} Where it is to reach another database: allowDatabases: ['${others[0]?.title}'].`,
  });
}
