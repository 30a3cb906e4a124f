// Notices that nobody has used a stack for a while.

/** setTimeout takes a longer one for 1 ms. */
const LONGEST = 2 ** 31 - 1;

export class IdleTimer {
  readonly #timeout: number | undefined;
  readonly #onIdle: () => void;
  #timer: NodeJS.Timeout | undefined;

  /**
   * @param timeout milliseconds; undefined: never
   * @param onIdle called when `begin` was so long ago, and `end` not called since
   */
  constructor(timeout: number | undefined, onIdle: () => void) {
    this.#timeout = timeout;
    this.#onIdle = onIdle;
  }

  begin(): void {
    this.end();
    if (this.#timeout !== undefined) this.#timer = setTimeout(this.#onIdle, Math.min(this.#timeout, LONGEST)).unref();
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  /** Whether `begin` was called, and `end` not since. */
  get isRunning(): boolean {
    return this.#timer !== undefined;
  }
}
