// Another process's view of a run: its state, kept up to date by the same reducer.
import { connect } from 'node:net';
import { join } from 'node:path';
import { onMessage } from '../json-lines.ts';
import { reduce } from './reduce.ts';
import { type RunState, STATE_VERSION } from './run-state.ts';
import { STATE_SOCKET, type StateMessage } from './state-server.ts';

/**
 * Calls `onState` with each state of the run in `folder` until `signal` is aborted, or the run ends or lets us go.
 * Resolves then; at once where it cannot be reached.
 */
export async function followState(
  folder: string,
  onState: (state: RunState) => void,
  signal: AbortSignal,
): Promise<void> {
  const socket = connect(join(folder, STATE_SOCKET));
  let state: RunState | undefined;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => socket.destroy(), { once: true });
    socket.on('error', () => {}); // 'close' follows
    socket.once('close', () => resolve());
    onMessage<StateMessage>(socket, (message) => {
      // Another version of this package may run there.
      if (message.type === 'state') state = message.state.version === STATE_VERSION ? message.state : undefined;
      else if (state) state = reduce(state, message.event);
      if (state) onState(state);
    });
  });
}

/** Milliseconds that a runner may take to answer. */
const ANSWER_TIMEOUT_MS = 2_000;

/** The state of the run in `folder` now; undefined: nobody answers there. */
export async function readState(folder: string): Promise<RunState | undefined> {
  const done = new AbortController();
  let found: RunState | undefined;
  await followState(
    folder,
    (state) => {
      found ??= state;
      done.abort();
    },
    AbortSignal.any([done.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
  );
  return found;
}
