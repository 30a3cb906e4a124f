// Asks for live facts again and again, as long as somebody looks: what nobody sees costs nothing.
import type { LiveSource } from './live-facts.ts';
import type { Viewers } from './viewers.ts';

/** Milliseconds between two looks. */
export const LOOK_INTERVAL_MS = 3_000;
/** A look that has taken long is not repeated for so many times as long: on a slow machine it takes no more of it. */
const REST = 20;

export class FactsLoop {
  readonly #viewers: Viewers;
  readonly #interval: number;
  #source: LiveSource | undefined;
  #looking: Promise<void> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(viewers: Viewers, interval: number) {
    this.#viewers = viewers;
    this.#interval = interval;
  }

  /** Returns the function that ends it. */
  watch(source: LiveSource): () => Promise<void> {
    this.#source = source;
    this.wake();
    return async () => {
      this.#source = undefined;
      clearTimeout(this.#timer);
      await this.#looking;
      await source.rest();
    };
  }

  /** Somebody may look now. */
  wake(): void {
    if (!this.#looking && !this.#timer) this.#begin();
  }

  #begin(): void {
    this.#timer = undefined;
    const source = this.#source;
    if (!source) return;
    this.#looking = (this.#viewers.count > 0 ? this.#look(source) : source.rest()).finally(() => {
      this.#looking = undefined;
      // Somebody has come while what looking takes was let go.
      if (!this.#timer && this.#viewers.count > 0) this.#begin();
    });
  }

  async #look(source: LiveSource): Promise<void> {
    const began = performance.now();
    // What cannot be known now may be at the next look; the page shows for how long it has heard nothing.
    const facts = await source.look().catch(() => undefined);
    if (this.#source !== source) return;
    if (facts) this.#viewers.sendFacts(facts);
    const pause = Math.max(this.#interval, REST * (performance.now() - began));
    this.#timer = setTimeout(() => this.#begin(), pause).unref();
  }
}
