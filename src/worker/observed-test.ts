// A test or hook while it runs: from when its logs are its own, and what is gathered of it when it has failed.
import type { Failure, ServerLog } from '../failure/failure.ts';
import { type LogPosition, logPosition, readSince } from '../log-slice.ts';
import { keptAt, presentableEnds } from '../text/presentable.ts';
import type { Session } from './session.ts';

/** Bytes of a server's log: half of them from its beginning, half from its end. */
const LONGEST_LOG = 128 * 1024;

export class ObservedTest {
  readonly #session: Session;
  readonly #logs: readonly (LogPosition & { readonly server: string })[];

  /** It begins now. */
  constructor(session: Session) {
    this.#session = session;
    this.#logs = Object.entries(session.stack.logs).map(([server, file]) => ({ server, ...logPosition(file) }));
  }

  /** It has failed, and nothing is rewound yet. What cannot be asked for any more is left out. */
  async gather(): Promise<Failure> {
    await this.#session.servers.look().catch(() => []); // The run is over: the logs are there all the same.
    return { logs: this.#logs.flatMap(logOf) };
  }
}

function logOf({ server, ...position }: LogPosition & { readonly server: string }): ServerLog[] {
  const text = presentableEnds(readSince(position, keptAt(LONGEST_LOG)), LONGEST_LOG);
  return text.trim() === '' ? [] : [{ server, text }];
}
