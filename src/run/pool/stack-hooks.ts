// What a stack asks of its pool, and tells it.
import type { AppServer } from '../../server/app-server.ts';

export interface StackHooks {
  /** Called when a server ends by itself. */
  readonly onExit: (server: AppServer) => void;
  /** Called before it opens. @throws why none opens any more @returns aborted when that is so */
  readonly opens: () => AbortSignal;
  /** It could not be opened ahead of its first use. @throws the error */
  readonly failed: (error: unknown) => never;
}
