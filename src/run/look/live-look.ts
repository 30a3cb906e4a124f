// What the servers and databases of a run's open stacks are now, for who looks at its board.
import type { LiveFacts } from '../../board/live-facts.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';
import { memoryOf } from '../../process/memory.ts';
import type { AppServer } from '../../server/app-server.ts';
import { lastErrorLine } from '../../text/error-line.ts';
import { DatabaseLook } from './database-look.ts';

/** An open stack. */
export interface Looked {
  readonly slot: number;
  readonly variant: string;
  readonly databases: readonly string[];
  readonly servers: readonly Pick<AppServer, 'name' | 'pid' | 'tail'>[];
}

export class LiveLook {
  readonly #databases: DatabaseLook;
  readonly #open: () => Promise<readonly Looked[]>;

  /** @param timeout milliseconds that the databases may take */
  constructor(postgres: DatabaseServer, open: () => Promise<readonly Looked[]>, timeout?: number) {
    this.#databases = new DatabaseLook(postgres, timeout);
    this.#open = open;
  }

  async look(): Promise<LiveFacts> {
    const stacks = await this.#open();
    const memory = memoryOf(stacks.flatMap(({ servers }) => servers.map(({ pid }) => pid)));
    // Where the databases do not answer, the servers are shown all the same.
    const found = await this.#databases.look(stacks.flatMap(({ databases }) => databases)).catch(() => []);
    return {
      servers: stacks.flatMap(({ slot, variant, servers }) =>
        servers.map(({ name, pid, tail }) => {
          const { bytes, processes = 0 } = memory.get(pid) ?? {};
          return { slot, variant, name, memory: bytes, processes, error: lastErrorLine(tail().join('\n')) };
        }),
      ),
      databases: stacks.flatMap(({ slot, variant, databases }) =>
        found.flatMap((each) => (databases.includes(each.database) ? [{ slot, variant, ...each }] : [])),
      ),
    };
  }

  /** Nobody looks now. */
  rest(): Promise<void> {
    return this.#databases.end();
  }
}
