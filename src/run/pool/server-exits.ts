// What becomes of a server that has ended by itself: it is reported with whose work ended it, and breaks the run where it
// does so all the time.
import type { TestRef, WorkerEvent } from '../../events.ts';
import type { AppServer } from '../../server/app-server.ts';
import { crashError, crashesError, lateCrashError } from '../../server/server-errors.ts';
import { Crashes } from './crashes.ts';
import { LateFailures } from './late-failure.ts';
import type { StackPlan } from './plan.ts';
import type { PoolContext } from './pool-context.ts';

/** The test that runs on the stack, or that ended last. */
export interface StackTest {
  readonly ref: TestRef;
  readonly state: 'running' | 'ended';
}

export class ServerExits {
  readonly #plan: StackPlan;
  readonly #title: string;
  readonly #pool: PoolContext;
  readonly #crashes = new Crashes();
  readonly #late: LateFailures;

  /** @param title of the stack */
  constructor(plan: StackPlan, title: string, pool: PoolContext) {
    this.#plan = plan;
    this.#title = title;
    this.#pool = pool;
    const databases = plan.info.databases.map(({ database }) => database);
    this.#late = new LateFailures(pool.run.postgres.log, databases);
  }

  /** What tests do on the stack: the last of it may be what ends a server. */
  note(event: WorkerEvent): void {
    if (event.type === 'test-began') this.#crashes.testBegan();
    if (event.type === 'test-ended') {
      this.#crashes.testEnded(event.status);
      this.#late.testEnded();
    }
    if (event.type === 'rewound' || event.type === 'late-writes') this.#late.rewound(event, event.tables);
  }

  /** Returns what is to be said of it. */
  async report(server: AppServer, { ref: test, state }: Partial<StackTest> = {}): Promise<string> {
    const { times, first } = this.#crashes.note(server.name, test);
    const when = state === 'running' ? 'during' : 'after';
    const title = `server "${server.name}" of ${this.#title}`;
    await server.exited;
    const late = await this.#late.find(server.tail());
    const { slot, variant } = this.#plan.info;
    if (late) this.#pool.quiet.sight(variant);
    const { message } = await (late ? lateCrashError(server, title, when, late) : crashError(server, title));
    const { name, pid } = server;
    this.#pool.events.emit({ type: 'server-exited', slot, variant, server: name, pid, test, when, message });
    const { restarts = 0 } = this.#plan.variant.servers.find((each) => each.name === name) ?? {};
    if (times > restarts) {
      this.#pool.health.break(crashesError({ title, times, first, message }), `${title} ended again and again`);
    }
    return message;
  }
}
