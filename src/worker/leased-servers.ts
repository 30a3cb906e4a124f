// The app servers of a worker's stack: the pool restarts them and proves where they are connected, the worker resets them.
import type { ServerNow, WorkerConnection } from '../lease/protocol.ts';
import { sessionsOpened } from '../postgres/client/connection.ts';
import { QuietTime } from './quiet-time.ts';
import type { ServerState } from './server-state.ts';
import type { StackLease } from './stack-lease.ts';

/** Does what takes time where it can be seen. */
export type ShowStep = <T>(title: string, work: () => Promise<T>) => Promise<T>;

export class LeasedServers {
  readonly #lease: StackLease;
  readonly #state: ServerState;
  /** How long they are to have been quiet before a rewind. */
  readonly quiet: QuietTime;

  constructor(lease: StackLease, state: ServerState) {
    this.#lease = lease;
    this.#state = state;
    this.quiet = new QuietTime(state.quiet, lease.ready.quiet, (learned) => lease.notify(learned));
    lease.onQuiet((known) => this.quiet.learn(known));
  }

  /** What a server of the stack said when it ended during the test that ends now. */
  takeCrash(): string | undefined {
    return this.#lease.takeServerExit();
  }

  get hasCrashed(): boolean {
    return this.#lease.hasServerExited;
  }

  /** All that they have printed is in their logs, and this is how they are. */
  async look(): Promise<readonly ServerNow[]> {
    return (await this.#lease.request({ type: 'servers' })).now ?? [];
  }

  /** Starts a server again that ended between two tests, too late to fail one; not where that is due in any case. */
  async restartCrashed(isDue = false): Promise<void> {
    if (this.#lease.takeServerExit() === undefined || isDue) return;
    // What a spare wrote that ended is undone with the next rewind; what a serial group keeps cannot be told from it.
    await this.#start(undefined, async () => {});
  }

  /**
   * A test has ended: it is looked where its own code is connected, and the servers, until they were seen to be.
   * @returns what it fails for: they were connected to a development server
   */
  async prove(connections: readonly WorkerConnection[]): Promise<string | undefined> {
    const { proved, stack } = this.#lease.ready;
    if (proved && connections.length === 0) return undefined;
    const counts = stack.databases.map(({ database }) => sessionsOpened(database));
    const sessions = counts.reduce((sum, count) => sum + count, 0);
    return (await this.#lease.renew({ type: 'prove', connections, sessions })).visited;
  }

  /** Whether servers are to be new after each test, or when a group begins. */
  areNewAfter(after: 'test' | 'group'): boolean {
    return this.#state.toRestart(after).length > 0;
  }

  /** Whether one that tests have been on serves others, too: it may remember what was rewound. */
  get mayRemember(): boolean {
    const areNew = this.#state.toRestart('test');
    return Object.keys(this.#lease.stack.servers).some((name) => !areNew.includes(name));
  }

  /** Ends those that are. `restartOrReset` starts them again, or does so after a fresh clone has taken their place. */
  async end(after: 'test' | 'group', show: ShowStep = (_, work) => work()): Promise<void> {
    const servers = this.#state.toRestart(after);
    if (servers.length === 0) return;
    await show(`end ${titleOf(servers)}`, () => this.#lease.renew({ type: 'end', servers }));
  }

  /**
   * Those that were ended start, copies of files are what they are to be, and the others forget what their `reset` makes them.
   * @param goBack undoes what the databases got since they were brought back: one that was started ahead has ended on them
   */
  async restartOrReset(
    after: 'test' | 'group',
    goBack: () => Promise<unknown>,
    show: ShowStep = (_, work) => work(),
  ): Promise<void> {
    const servers = this.#state.toRestart(after);
    const copies = this.#state.hasCopies(after) ? after : undefined;
    const start = () => this.#start(copies, goBack);
    if (servers.length > 0) await show(titleOf(servers), start);
    else if (copies) await start();
    this.#state.stack = this.#lease.stack;
    await this.#state.reset();
  }

  async #start(copies: 'test' | 'group' | undefined, goBack: () => Promise<unknown>): Promise<void> {
    while ((await this.#lease.renew({ type: 'restart', copies })).servers === 'ended') await goBack();
  }

  waitUntilIdle(): Promise<void> {
    return this.#state.idle();
  }
}

function titleOf(servers: readonly string[]): string {
  return servers.map((name) => `server "${name}"`).join(', ');
}
