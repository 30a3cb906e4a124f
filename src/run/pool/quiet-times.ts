// What the run's workers learn of an application that writes after it has answered: told to the others, and kept for later runs.
import type { ResolvedServer } from '../../config/resolved.ts';
import type { Events } from '../../events.ts';
import { afterSight, DEFAULT_QUIET, type KnownQuiet, merged, quietOf } from '../../lease/learned-quiet.ts';
import type { Notification } from '../../lease/protocol.ts';
import type { Lease } from '../../lease/server.ts';
import { noteQuiet, type RecordedQuiet } from '../quiet-record.ts';

export class QuietTimes {
  readonly #root: string;
  readonly #events: Events;
  /** By variant. */
  readonly #known = new Map<string, KnownQuiet>();
  /** By variant: what later runs may know. */
  readonly #recorded: Map<string, RecordedQuiet>;
  readonly #leases = new Set<Lease>();
  readonly #emitted = new Set<string>();

  constructor(root: string, events: Events, recorded: ReadonlyMap<string, RecordedQuiet>) {
    this.#root = root;
    this.#events = events;
    this.#recorded = new Map(recorded);
    for (const [variant, { known }] of recorded) this.#known.set(variant, known);
  }

  of(variant: string): KnownQuiet {
    return this.#known.get(variant);
  }

  join(lease: Lease): void {
    this.#leases.add(lease);
    void lease.closed.then(() => this.#leases.delete(lease));
  }

  note(lease: Lease, of: readonly ResolvedServer[], message: Extract<Notification, { type: 'quiet' }>): void {
    const { slot, variant } = lease;
    const servers = of.filter(({ command }) => command !== undefined).map(({ name }) => name);
    const before = this.#known.get(variant);
    if (before === 'in vain') return;
    const known = merged(before, message.known);
    this.#set(variant, known);
    if (known === 'in vain') this.#events.emit({ type: 'never-quiet', slot, variant, servers, ...message.waited });
    else if (known?.listen === 0 && known.silence > DEFAULT_QUIET.quiet && !this.#emitted.has(variant)) {
      this.#emitted.add(variant);
      const { quiet } = quietOf(known);
      this.#events.emit({ type: 'writes-late', slot, variant, servers, silence: known.silence, quiet });
    }
  }

  /** A server did not survive what it still had to do: all listen to it from now on. */
  sight(variant: string): void {
    const known = this.#known.get(variant);
    if (known !== 'in vain') this.#set(variant, afterSight(known));
  }

  /** Also told to whom it comes from: others may have known more. */
  #set(variant: string, known: KnownQuiet): void {
    this.#known.set(variant, known);
    for (const lease of this.#leases) {
      if (lease.variant === variant) lease.send({ type: 'quiet', known });
    }
    if (typeof known === 'object') this.#recorded.set(variant, { known, at: Date.now() });
    else this.#recorded.delete(variant);
    void noteQuiet(this.#root, this.#recorded);
  }
}
