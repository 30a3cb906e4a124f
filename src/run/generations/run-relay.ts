// What the generations of all stacks of a run share: the relay, started when the first stack needs it, and the turns in which
// spares boot.
import type { JournalWriter } from '../../cleanup/journal.ts';
import type { Events } from '../../events.ts';
import type { Lifetime } from '../../lifetime.ts';
import { APPLICATION } from '../../names.ts';
import { withClient } from '../../postgres/client/connection.ts';
import type { DatabaseServer } from '../../postgres/database-server.ts';
import { availableMemory } from '../../process/memory.ts';
import { processors } from '../../process/processors.ts';
import { Relay } from '../../relay/relay.ts';
import { BootTurns } from '../boot-turns.ts';
import type { Machine } from './wanted-spares.ts';

/** Milliseconds within which idle sessions end by themselves when their connection does. */
const IDLE_SESSIONS_MS = 20;
/** Milliseconds within which all of a gate's sessions must have ended: on a busy machine a look alone takes a second. */
const SESSIONS_TIMEOUT_MS = 10_000;

export interface RunRelayOptions {
  readonly postgres: DatabaseServer;
  readonly journal: JournalWriter;
  readonly events: Events;
  /** How many stacks the run may have open at once. */
  readonly stacks: number;
  /** Ends the relay. */
  readonly lifetime: Lifetime;
  /** The relay's program. @default the one that is compiled beside this */
  readonly program?: string;
}

export class RunRelay {
  readonly #options: RunRelayOptions;
  /** One processor is left for the tests: where none is idle, spares wait. */
  readonly boots: BootTurns = new BootTurns({
    most: Math.max(1, processors() - 1),
    longestWait: Number.POSITIVE_INFINITY,
  });
  readonly #reported = new Set<string>();
  readonly #onLost = new Set<(why: string) => void>();
  #relay: Promise<Relay> | undefined;

  constructor(options: RunRelayOptions) {
    this.#options = options;
    options.lifetime.defer('end the relay', async () => {
      const relay = await this.#relay?.catch(() => undefined); // it was never there
      await relay?.close();
    });
  }

  /** The run's; rejects where it cannot be started. */
  get(): Promise<Relay> {
    this.#relay ??= this.#start();
    return this.#relay;
  }

  /** Calls `lost` with why when the relay has ended. */
  onLost(lost: (why: string) => void): void {
    this.#onLost.add(lost);
  }

  /** What there is for spares. @param generation bytes that one has */
  machine(generation: number): Machine {
    const { stacks } = this.#options;
    return { processors: processors(), stacks, memory: availableMemory(), generation };
  }

  /** Cuts a gate. Rejects where a session of it goes on. */
  async cut(gate: number, databases: readonly string[]): Promise<void> {
    const relay = await this.get();
    const deadline = performance.now() + SESSIONS_TIMEOUT_MS;
    const cut = async () => (await relay.ask({ type: 'cut-gate', gate, timeout: IDLE_SESSIONS_MS })).left ?? [];
    for (let left = await cut(); left.length > 0; left = await cut()) {
      if (performance.now() > deadline) throw new Error(`${left.length} sessions of a server go on after its end`);
      await this.#terminate(left, databases);
    }
  }

  /** Once in a run: why servers have no spares, or have none any more. */
  report(stack: { readonly slot: number; readonly variant: string }, servers: readonly string[], why: string): void {
    const what = `${servers} ${why}`;
    if (this.#reported.has(what)) return;
    this.#reported.add(what);
    this.#options.events.emit({ type: 'no-spares', ...stack, servers, why });
  }

  async #start(): Promise<Relay> {
    const relay = await Relay.start(this.#options.program);
    const noteGone = this.#options.journal.noteGroup(relay.pid, 'relay');
    void relay.ended.then(noteGone);
    void relay.lost.then((why) => {
      for (const lost of this.#onLost) lost(why);
    });
    return relay;
  }

  /** Those in the midst of a statement would go on. */
  async #terminate(ports: readonly number[], databases: readonly string[]): Promise<void> {
    const { postgres } = this.#options;
    await withClient(postgres.connect({ purpose: 'end the sessions of a server' }), (client) =>
      client.query(TERMINATE, [ports, databases]),
    );
  }
}

const TERMINATE = `
  SELECT pg_catalog.pg_terminate_backend(pid)
    FROM pg_catalog.pg_stat_activity
   WHERE client_port = ANY ($1) AND datname = ANY ($2) AND application_name NOT LIKE '${APPLICATION}%'`;
