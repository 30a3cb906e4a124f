// The app servers of a stack, proved: that they have a session on one of its databases, and none on another Postgres
// instead. A server that was seen on its own is not looked at again.
import type { Events } from '../../events.ts';
import { stackTitle } from '../../names.ts';
import { connectionsOf } from '../../process/connections.ts';
import type { AppServer } from '../../server/app-server.ts';
import type { StackPlan } from '../pool/plan.ts';
import { type DatabaseConnections, described, othersAmong } from './connected-to.ts';
import { elsewhere } from './tests-proof.ts';

export class ServerProof {
  readonly #plan: StackPlan;
  readonly #connections: DatabaseConnections;
  readonly #events: Events;
  /** The servers that are still to be seen. */
  readonly #open: Set<string>;
  /** Those that were seen on a database of the stack. */
  readonly #seen = new Set<string>();

  constructor(plan: StackPlan, connections: DatabaseConnections, events: Events) {
    this.#plan = plan;
    this.#connections = connections;
    this.#events = events;
    this.#open = new Set(this.#named());
  }

  /** One of them was seen on a database of the stack. */
  get wasSeen(): boolean {
    return this.#seen.size > 0;
  }

  /** Nothing is to be looked at any more. */
  get isDone(): boolean {
    return this.#open.size === 0;
  }

  /** Those that were seen on their databases are to be seen there again. */
  async lookAgain(servers: readonly AppServer[]): Promise<void> {
    for (const name of this.#named()) this.#open.add(name);
    await this.look(servers);
  }

  /** @throws DATABASE_UNUSED where a server is on another Postgres, and not on its stack's */
  async look(servers: readonly AppServer[]): Promise<void> {
    for (const server of servers.filter(({ name }) => this.#open.has(name))) await this.#look(server);
  }

  /** The servers that are to be on a database. */
  #named(): string[] {
    const { servers } = this.#plan.variant;
    return servers.flatMap(({ name, command, database }) => {
      return command !== undefined && database !== 'none' ? [name] : [];
    });
  }

  async #look(server: AppServer): Promise<void> {
    const { ports, info } = this.#plan;
    const ofTheStack = Object.values(ports);
    const all = connectionsOf(server.members());
    // What cannot be asked now is asked after the next test.
    const seenByPostgres = (await server.asSeenByPostgres?.(all).catch(() => [])) ?? all;
    const connections = seenByPostgres.filter(({ port }) => !ofTheStack.includes(port));
    if (connections.length === 0) return;
    const isOwn = (name: string) => info.databases.some(({ database }) => database === name);
    // What cannot be asked now is asked after the next test; a Postgres that is gone is told by others.
    const seen = await this.#connections.look(connections, isOwn).catch(() => []);
    const others = othersAmong(seen);
    const isThere = seen.some(({ kind }) => kind === 'own');
    const title = `server "${server.name}" of ${stackTitle(info.slot, info.variant)}`;
    if (isThere) {
      const { slot, variant } = info;
      if (!this.#seen.has(server.name))
        this.#events.emit({ type: 'database-used', slot, variant, server: server.name });
      this.#seen.add(server.name);
      this.#open.delete(server.name);
      if (others.length === 0) return;
      this.#events.emit({ type: 'also-connected', slot, variant, server: server.name, to: others.map(described) });
    } else if (others.length > 0) {
      throw elsewhere(`${title} is`, info, others);
    }
  }
}
