// The app servers of a stack, proved: that they have a session on one of its databases, and none on another Postgres
// instead. A server that was seen on its own is not looked at again.
import { StacksError } from '../../errors.ts';
import type { Events } from '../../events.ts';
import { stackTitle } from '../../names.ts';
import { connectionsOf } from '../../process/connections.ts';
import type { AppServer } from '../../server/app-server.ts';
import type { StackPlan } from '../pool/plan.ts';
import { type DatabaseConnections, described, othersAmong } from './connected-to.ts';

export class ServerProof {
  readonly #plan: StackPlan;
  readonly #connections: DatabaseConnections;
  readonly #events: Events;
  /** The servers that are still to be seen. */
  readonly #open: Set<string>;

  constructor(plan: StackPlan, connections: DatabaseConnections, events: Events) {
    this.#plan = plan;
    this.#connections = connections;
    this.#events = events;
    const servers = plan.variant.servers.filter(
      ({ command, database }) => command !== undefined && database !== 'none',
    );
    this.#open = new Set(servers.map(({ name }) => name));
  }

  /** Nothing is to be looked at any more. */
  get isDone(): boolean {
    return this.#open.size === 0;
  }

  /** @throws DATABASE_UNUSED where a server is on another Postgres, and not on its stack's */
  async look(servers: readonly AppServer[]): Promise<void> {
    for (const server of servers.filter(({ name }) => this.#open.has(name))) await this.#look(server);
  }

  async #look(server: AppServer): Promise<void> {
    const { ports, info } = this.#plan;
    const ofTheStack = Object.values(ports);
    const connections = connectionsOf(server.members()).filter(({ port }) => !ofTheStack.includes(port));
    if (connections.length === 0) return;
    const own = info.databases.map(({ database }) => database);
    // What cannot be asked now is asked after the next test; a Postgres that is gone is told by others.
    const seen = await this.#connections.look(connections, own).catch(() => []);
    const others = othersAmong(seen);
    const isOwn = seen.some(({ kind }) => kind === 'own');
    const title = `server "${server.name}" of ${stackTitle(info.slot, info.variant)}`;
    if (isOwn) {
      this.#open.delete(server.name);
      if (others.length === 0) return;
      const { slot, variant } = info;
      this.#events.emit({ type: 'also-connected', slot, variant, server: server.name, to: others.map(described) });
    } else if (others.length > 0) {
      throw new StacksError('DATABASE_UNUSED', `${title} is on another database, and not on its slot’s.`, {
        facts: {
          'variables given': Object.keys(info.env).join(', '),
          'connected to': others.map(described).join(', '),
        },
        hint: `let it read one of these variables, or name the one that it reads in \`database.env\`. Where it is to reach another database: allowDatabases: ['${others[0]?.title}'].`,
      });
    }
  }
}
