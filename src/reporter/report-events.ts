// What people read of a run, from its events and the state that they make.
import type { StateStore } from '../state/state-store.ts';
import { colouring, wantsColours } from '../text/colours.ts';
import { Live } from './live.ts';
import { RunLines } from './run-lines.ts';
import { Screen } from './screen.ts';

export interface Report {
  readonly screen: Screen;
  readonly live: Live | undefined;
  /** Nothing more is printed. */
  stop(): void;
}

/**
 * Prints what happens from now on. To stderr: the user's reporter may be one that a machine reads on stdout.
 * @param isAlone nobody else prints, as in UI mode
 */
export function reportToTerminal(
  store: Pick<StateStore, 'subscribe'>,
  isAlone: boolean,
  env: NodeJS.ProcessEnv = process.env,
): Report {
  const colours = wantsColours(process.stderr, env) ? 'keep' : 'drop';
  const screen = new Screen({ colours, mode: isAlone ? 'plain' : 'shared' });
  const isLive = screen.isTerminal && !env.CI && env.TERM !== 'dumb';
  const live = isLive ? new Live(screen) : undefined;
  return { screen, live, stop: reportEvents(store, screen, live) };
}

/** Returns the function that ends it. */
export function reportEvents(
  store: Pick<StateStore, 'subscribe'>,
  screen: Pick<Screen, 'colours' | 'print' | 'close'>,
  live?: Live,
): () => void {
  const lines = new RunLines(colouring(screen.colours));
  const stop = store.subscribe((state, event) => {
    for (const line of lines.after(state, event)) screen.print(line);
    live?.hear(state, event);
  });
  return () => {
    stop();
    live?.end();
    screen.close();
  };
}
