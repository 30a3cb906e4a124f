// `keep`: sets the databases of tests aside, a limited number in a run. What cannot be kept is reported, and harms nothing.
import { messageOf } from '../../errors.ts';
import type { Events, TestRef } from '../../events.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { keptName } from '../../names.ts';
import { withClient } from '../../postgres/client/connection.ts';
import { keptDatabases, setAside } from '../../postgres/databases/kept-databases.ts';
import type { ReopenableStack } from '../pool/reopenable-stack.ts';
import type { RunContext } from '../run-context.ts';

export class Keeper {
  readonly #context: RunContext;
  readonly #events: Events;
  /** The number of the last that was begun, and how many there may still be. */
  #n = 0;
  #left: number;
  #isLimitReported = false;

  constructor(context: RunContext, events: Events) {
    this.#context = context;
    this.#events = events;
    this.#left = context.config.keep.most;
  }

  /** Stops the servers, sets the databases aside, starts the servers. Resolves with how they are opened. */
  async keep(stack: ReopenableStack, test: TestRef): Promise<string | undefined> {
    if (this.#left === 0) return this.#emitLimit();
    this.#left -= 1;
    this.#n += 1;
    const n = this.#n;
    const kept = await stack.withoutServers((info) => this.#setAside(info, n, test));
    if (kept === undefined) this.#left += 1;
    return kept;
  }

  /** The run ends, and nobody uses the databases any more: what was kept stays. */
  async putAway(): Promise<void> {
    if (this.#left === this.#context.config.keep.most) return;
    const { postgres, run } = this.#context;
    try {
      const all = await withClient(postgres.connect({ purpose: 'kept' }), keptDatabases);
      await postgres.putAway(all.filter((each) => each.run === run));
    } catch (error) {
      this.#events.emit({ type: 'not-kept', what: 'what the run had set aside', why: messageOf(error) });
    }
  }

  async #setAside(info: StackInfo, n: number, test: TestRef): Promise<string | undefined> {
    const { postgres, run, config, signal } = this.#context;
    const began = performance.now();
    const { slot, variant, databases } = info;
    const name = keptName(run, n);
    try {
      signal.throwIfAborted();
      const { root } = config;
      const after = {
        test: test.titlePath.join(' › '),
        file: test.file,
        slot,
        variant,
        root,
        at: new Date().toISOString(),
      };
      await setAside(postgres, { run, n, databases, after });
    } catch (error) {
      this.#events.emit({ type: 'not-kept', what: `the database of '${test.title}'`, why: messageOf(error) });
      return undefined;
    }
    const hint = howToOpen(name, postgres.kind);
    const ms = Math.round(performance.now() - began);
    this.#events.emit({ type: 'kept', slot, variant, test, name, hint, ms });
    return hint;
  }

  #emitLimit(): undefined {
    if (this.#isLimitReported) return;
    this.#isLimitReported = true;
    const { most } = this.#context.config.keep;
    this.#events.emit({
      type: 'not-kept',
      what: 'what further tests leave',
      why: `this run has kept ${most}, as many as \`keep.most\` allows`,
    });
  }
}

/** The config, and with it the server, is known to `dev`. */
function howToOpen(name: string, kind: 'embedded' | 'existing'): string {
  const psql = `${kind === 'existing' ? 'STACKS_DATABASE_URL=… ' : ''}npx playwright-stacks psql ${name}`;
  return `\`${psql}\`; the application on it: \`npx playwright-stacks dev --kept ${name}\``;
}
