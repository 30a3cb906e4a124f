// The tests of a stack, proved: what their own code (a pool of a helper's, a literal) is connected to.
import { StacksError } from '../../errors.ts';
import type { Events } from '../../events.ts';
import type { WorkerConnection } from '../../lease/protocol.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { stackTitle } from '../../names.ts';
import { type DatabaseConnections, described, type OtherDatabase, othersAmong } from './connected-to.ts';

export class TestsProof {
  readonly #info: StackInfo;
  readonly #connections: DatabaseConnections;
  readonly #events: Events;
  #isThere = false;
  /** By title: those that were reported. */
  readonly #reported = new Set<string>();

  constructor(info: StackInfo, connections: DatabaseConnections, events: Events) {
    this.#info = info;
    this.#connections = connections;
    this.#events = events;
  }

  /** @throws DATABASE_UNUSED where they are on another database, and on none of the stack's */
  async look(made: readonly WorkerConnection[]): Promise<void> {
    if (made.length === 0) return;
    const { databases, slot, variant } = this.#info;
    const isOwn = (name: string) => databases.some(({ database }) => database === name);
    const connections = made.map((each) => ({ pid: 0, ...each }));
    const seen = await this.#connections.look(connections, isOwn).catch(() => []); // A Postgres that is gone is reported by others.
    // Of ours there are connections, too, which are known by the address alone.
    this.#isThere ||= seen.some(({ kind, connection }) => kind === 'own' && connection.localPort !== 0);
    const others = othersAmong(seen).filter(({ title }) => !this.#reported.has(title));
    if (others.length === 0) return;
    if (!this.#isThere) throw elsewhere(`the tests of ${stackTitle(slot, variant)} are`, this.#info, others);
    for (const { title } of others) this.#reported.add(title);
    this.#events.emit({ type: 'also-connected', slot, variant, to: others.map(described) });
  }
}

/** @param who as a sentence begins: `server "web" of slot 1 is` */
export function elsewhere(who: string, { env }: StackInfo, others: readonly OtherDatabase[]): StacksError {
  return new StacksError('DATABASE_UNUSED', `${who} on another database, and not on its slot’s.`, {
    facts: {
      'variables given': Object.keys(env).join(', '),
      'connected to': others.map(described).join(', '),
    },
    hint: `let it read one of these variables, or name the one that it reads in \`database.env\`. Where it is to reach another database: allowDatabases: ['${others[0]?.title}'].`,
  });
}
