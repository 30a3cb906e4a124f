// Waits for a condition outside of this process by looking again, with a deadline.
import { poll } from '../../src/wait.ts';

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
  const found = await poll(
    () => {
      const isLast = gaveUp?.() ?? false;
      const value = look();
      if (value === undefined && isLast) throw new Error(message('before the run ended'));
      return value;
    },
    { timeout, interval: 20 },
  );
  if (found === undefined) throw new Error(message(`within ${timeout} ms`));
  return found;
}
