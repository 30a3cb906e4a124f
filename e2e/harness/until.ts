// Waits for a condition outside of this process by looking again, with a deadline.

export interface Patience {
  /** Milliseconds. */
  readonly timeout: number;
  /** True: looking any longer is of no use. One more look is taken. */
  readonly gaveUp?: () => boolean;
  /** @param why "before the run ended" or "within 30000 ms" */
  readonly message: (why: string) => string;
}

/** The first value of `look` that is not undefined. */
export async function until<T>(look: () => T | undefined, { timeout, gaveUp, message }: Patience): Promise<T> {
  const deadline = Date.now() + timeout;
  for (;;) {
    const last = gaveUp?.() ?? false;
    const late = Date.now() > deadline;
    const found = look();
    if (found !== undefined) return found;
    if (last) throw new Error(message('before the run ended'));
    if (late) throw new Error(message(`within ${timeout} ms`));
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
