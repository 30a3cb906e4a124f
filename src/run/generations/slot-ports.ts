// The ports of a slot's servers, which are its own for the whole run, and lead to the generation that is the slot's.
import type { RunRelay } from './run-relay.ts';

export class SlotPorts {
  readonly #relay: Pick<RunRelay, 'get'>;
  readonly #ports: readonly number[];
  /** Settles when they are ours. */
  #taken: Promise<void> | undefined;

  constructor(relay: Pick<RunRelay, 'get'>, ports: readonly number[]) {
    this.#relay = relay;
    this.#ports = ports;
  }

  /** Rejects where one is somebody else's: then none is ours. */
  take(): Promise<void> {
    this.#taken ??= this.#take();
    return this.#taken;
  }

  /** What comes to `port` goes to the port `to` from now on, also what has come while they were held. */
  async lead(port: number, to: number): Promise<void> {
    await (await this.#relay.get()).ask({ type: 'lead', port, to });
  }

  /** What comes to them waits. @param timeout milliseconds that requests under way get to be answered */
  async hold(timeout: number): Promise<void> {
    if (!this.#taken) return;
    const relay = await this.#relay.get();
    await Promise.all(this.#ports.map((port) => relay.ask({ type: 'hold', port, timeout })));
  }

  async close(): Promise<void> {
    const relay = this.#taken && (await this.#relay.get().catch(() => undefined)); // it never was
    this.#taken = undefined;
    for (const port of this.#ports) await relay?.ask({ type: 'close-forwarder', port }).catch(() => {}); // it is gone
  }

  async #take(): Promise<void> {
    const relay = await this.#relay.get();
    const own: number[] = [];
    try {
      for (const port of this.#ports) {
        await relay.ask({ type: 'forward', port });
        own.push(port);
      }
    } catch (error) {
      // The servers are to have all their ports themselves.
      for (const port of own) await relay.ask({ type: 'close-forwarder', port }).catch(() => {}); // it is gone
      throw error;
    }
  }
}
