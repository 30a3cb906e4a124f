// What people read of a run, from its events and the state that they make.
import type { StateStore } from '../state/state-store.ts';
import { colouring, wantsColours } from '../text/colours.ts';
import { GitHub } from './github.ts';
import { Live } from './live.ts';
import { RunLines } from './run-lines.ts';
import { Screen } from './screen.ts';

export interface Report {
  readonly screen: Screen;
  /** Of a terminal. */
  readonly live: Live | undefined;
  readonly github: GitHub;
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
  const { command, print } = screen;
  const github = new GitHub({ env, command: command.bind(screen), print: print.bind(screen) });
  const stop = reportEvents(store, screen, [github, ...(live ? [live] : [])]);
  return {
    ...{ screen, live, github },
    stop() {
      stop();
      live?.end();
      screen.close();
    },
  };
}

/** Prints the summary alone, of a run that was elsewhere. */
export function reportSummary(store: Pick<StateStore, 'subscribe'>, env: NodeJS.ProcessEnv = process.env): () => void {
  const screen = new Screen({ colours: wantsColours(process.stderr, env) ? 'keep' : 'drop', mode: 'plain' });
  const print = screen.print.bind(screen);
  const github = new GitHub({ env: { ...env, GITHUB_ACTIONS: undefined }, command: () => {}, print });
  const lines = new RunLines(colouring(screen.colours), 'summary');
  const stop = store.subscribe((state, event) => {
    for (const line of lines.after(state, event)) print(line);
    github.hear(state, event);
  });
  return () => {
    stop();
    screen.close();
  };
}

/** Returns the function that ends it. */
export function reportEvents(
  store: Pick<StateStore, 'subscribe'>,
  screen: Pick<Screen, 'colours' | 'print'>,
  others: readonly Pick<Live, 'hear'>[] = [],
): () => void {
  const lines = new RunLines(colouring(screen.colours));
  return store.subscribe((state, event) => {
    for (const line of lines.after(state, event)) screen.print(line);
    for (const other of others) other.hear(state, event);
  });
}
