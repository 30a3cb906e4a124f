// What an app server is started from: a server of the options with everything filled in for one slot.
import type { OwnEnv } from '../config/own-env.ts';
import type { ResolvedServer } from '../config/resolved.ts';

export interface AppServerSpec
  extends Pick<
    ResolvedServer,
    'name' | 'cwd' | 'timeout' | 'ignoreHTTPSErrors' | 'stdout' | 'stderr' | 'gracefulShutdown' | 'wait' | 'readyBy'
  > {
  /** What `cwd` is in the user's checkout, where it is in a worktree. */
  readonly checkout?: string | undefined;
  /** Whose it is, for messages: `slot 2`, `slot 2 (admin)`. */
  readonly title: string;
  /** What precedes its lines on the terminal: `web 2`. */
  readonly label: string;
  /** Placeholders are filled. */
  readonly command: string;
  /** What is added to the runner's environment (`PORT`, `DATABASE_URL`, …, and the user's) or, if undefined, removed. */
  readonly env: OwnEnv;
  readonly port: number;
  /** Absolute, placeholders filled; undefined: `wait` is watched, or else the port probed. */
  readonly url: string | undefined;
  /** Absolute; its folders are made. One file per slot and server. */
  readonly logFile: string;
}

/** How messages name it: `server "web" of slot 2`. */
export function serverTitle({ name, title }: Pick<AppServerSpec, 'name' | 'title'>): string {
  return `server "${name}" of ${title}`;
}
