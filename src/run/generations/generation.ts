// One set of server processes of a slot, which reach Postgres by a gate of their own and listen on ports of their own. Of a
// spare the gate is held, and its processes wait at their first connection.
import type { Connection } from '../../process/connections.ts';
import type { OutputTail } from '../../process/output.ts';
import { type ReservedPort, reservePort } from '../../process/ports.ts';
import type { GroupNote } from '../../process/process-group.ts';
import { type AppServer, beginAppServer, type StartingServer } from '../../server/app-server.ts';
import type { AppServerSpec } from '../../server/app-server-spec.ts';
import { type OutputInTurn, outputInTurn } from '../../server/output-in-turn.ts';
import { growing } from '../../wait.ts';
import type { RunRelay } from './run-relay.ts';

/** Milliseconds between two probes of a server that is nearly ready. */
const INTERVAL = growing(2, 250, 0.1);

/** What the servers of a generation are started from, with the ports of their gate and of each. */
export type SpecsOf = (
  number: number,
  gate: number,
  ports: Readonly<Record<string, number>>,
) => readonly AppServerSpec[];

export interface BootOptions {
  readonly number: number;
  readonly names: readonly string[];
  readonly relay: RunRelay;
  readonly target: { readonly host: string; readonly port: number };
  /** What each is started from, once the ports are known. */
  readonly specsOf: SpecsOf;
  readonly databases: readonly string[];
  readonly signal: AbortSignal;
  readonly noteGroup: GroupNote;
  /** Called with what they print. */
  readonly onOutput?: OutputTail['push'] | undefined;
  /** Called when the first connection waits at a held gate. */
  readonly onWaiting?: (() => void) | undefined;
}

export interface StartedServer {
  readonly spec: AppServerSpec;
  readonly server: AppServer;
  /** The ports on which those that were started with it listen, by name. */
  readonly ports: Readonly<Record<string, number>>;
}

interface Member {
  readonly spec: AppServerSpec;
  readonly starting: StartingServer;
  readonly output: OutputInTurn;
}

export class Generation {
  readonly number: number;
  readonly #options: BootOptions;
  readonly #members: Member[] = [];
  readonly #ports: ReservedPort[] = [];
  #gate: number | undefined;
  #isHeld = false;
  #ending: Promise<void> | undefined;

  private constructor(options: BootOptions) {
    this.number = options.number;
    this.#options = options;
  }

  /** Starts the processes. What fails leaves none. */
  static async boot(options: BootOptions, gate: 'held' | 'open'): Promise<Generation> {
    const generation = new Generation(options);
    try {
      await generation.#boot(gate);
      return generation;
    } catch (error) {
      await generation.end().catch(() => {}); // the first cause is what is to be read
      throw error;
    }
  }

  get servers(): readonly AppServer[] {
    return this.#members.map(({ starting }) => starting.server);
  }

  /** Opens the gate and waits until all are ready. What fails leaves no process. @param onReady called with each */
  async ready(signal: AbortSignal, onReady: (server: AppServer) => Promise<void>): Promise<readonly StartedServer[]> {
    try {
      const relay = await this.#options.relay.get();
      this.#isHeld = false;
      if (this.#gate !== undefined) await relay.ask({ type: 'open-gate', gate: this.#gate });
      return await Promise.all(
        this.#members.map(async ({ spec, starting }) => {
          const server = await starting.ready({ signal, interval: INTERVAL });
          await onReady(server);
          const asSeenByPostgres: AppServer['asSeenByPostgres'] = (all) => this.#asSeenByPostgres(all);
          return { spec, server: { ...server, asSeenByPostgres }, ports: this.#portsByName };
        }),
      );
    } catch (error) {
      await this.end().catch(() => {}); // the first cause is what is to be read
      throw error;
    }
  }

  /** It is the slot's from now on. */
  begin(): void {
    for (const { output } of this.#members) output.begin();
  }

  /** Nothing that it does reaches the databases any more. Rejects where that is not so. */
  async cut(): Promise<void> {
    for (const { output } of this.#members) output.end();
    if (this.#gate !== undefined) await this.#options.relay.cut(this.#gate, this.#options.databases);
  }

  /** Ends the processes as if they had ended by themselves. */
  kill(): void {
    for (const { pid } of this.servers.flatMap((server) => server.members())) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has just ended.
      }
    }
  }

  /** Ends the processes, once. @param before what runs beside them, and ends first */
  end(before: () => Promise<unknown> = async () => {}): Promise<void> {
    this.#ending ??= this.#end(before);
    return this.#ending;
  }

  async #boot(state: 'held' | 'open'): Promise<void> {
    const { relay: run, target, names, specsOf, number, signal, noteGroup, onOutput, onWaiting } = this.#options;
    const relay = await run.get();
    const gate = await relay.gate(target, state, onWaiting);
    this.#gate = gate;
    this.#isHeld = state === 'held';
    for (const _ of names) this.#ports.push(await reservePort());
    for (const spec of specsOf(number, gate, this.#portsByName)) {
      signal.throwIfAborted();
      const output = outputInTurn(spec, `generation ${number}`);
      const starting = await beginAppServer(spec, { signal, noteGroup, onOutput, output });
      this.#members.push({ spec, starting, output });
    }
  }

  async #end(before: () => Promise<unknown>): Promise<void> {
    await before();
    // A pool that is asked to end waits for its connections, which nobody would answer.
    if (this.#isHeld) await this.cut().catch(() => {}); // the relay is gone, and the gate with it
    const stopped = await Promise.allSettled(this.servers.map((server) => server.stop()));
    await this.#closeGate().catch(() => {}); // the relay is gone, and the gate with it
    await Promise.all(this.#ports.map((port) => port.release()));
    const failed = stopped.find((each) => each.status === 'rejected');
    if (failed) throw failed.reason;
  }

  /** What its processes have left under way ends, too. */
  async #closeGate(): Promise<void> {
    const { relay: run, databases } = this.#options;
    if (this.#gate === undefined) return;
    await run.cut(this.#gate, databases).catch(() => {}); // rewinds wait for such sessions
    await (await run.get()).closeGate(this.#gate);
  }

  get #portsByName(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.#options.names.map((name, index) => [name, this.#ports[index]?.port ?? 0]));
  }

  /** Its connections to the gate are the gate's to Postgres. */
  async #asSeenByPostgres(all: readonly Connection[]): Promise<readonly Connection[]> {
    const gate = this.#gate;
    if (gate === undefined) return all;
    const relay = await this.#options.relay.get();
    const { sessions = [] } = await relay.ask({ type: 'sessions', gate });
    const { port } = this.#options.target;
    const ofGeneration = this.#ports.map((reserved) => reserved.port);
    return all
      .filter((each) => !ofGeneration.includes(each.port)) // to another server of it
      .flatMap((each) => {
        if (each.port !== gate) return [each];
        const session = sessions.find(({ taken }) => taken === each.localPort);
        return session ? [{ ...each, localPort: session.toPostgres, address: session.address, port }] : [];
      });
  }
}
