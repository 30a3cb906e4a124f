// Where leases of a stack start: at its opening, or after what was written for all of them since.
import { areEmpty, type Deltas, type Marks, type Rewindable } from '../../lease/protocol.ts';
import { stackTitle } from '../../names.ts';
import type { RunContext } from '../run-context.ts';
import type { StackPlan } from './plan.ts';
import { writtenSince } from './written-since.ts';

/** A moment in a stack's databases, and how many preludes they hold by then. */
interface Base {
  readonly marks: Marks;
  readonly preludes: number;
}

export class StackBase {
  readonly #plan: StackPlan;
  readonly #context: Pick<RunContext, 'postgres'>;
  #opened: { readonly oids: readonly string[]; readonly opening: Marks } | undefined;
  #base: Base | undefined;

  constructor(plan: StackPlan, context: Pick<RunContext, 'postgres'>) {
    this.#plan = plan;
    this.#context = context;
  }

  /** The stack is open. @param oids of its databases, in their order */
  open(oids: readonly string[], opening: Marks): void {
    this.#opened = { oids, opening };
    this.backToOpening();
  }

  /** The stack is not open any more. */
  close(): void {
    this.#opened = undefined;
    this.#base = undefined;
  }

  /** What was written since the opening, before any lease; it becomes the first prelude, and part of where leases start. */
  async writtenBefore(): Promise<Deltas | undefined> {
    if (!this.#base) return undefined;
    const { deltas, now } = await writtenSince(this.#base.marks, this.#plan.info, this.#context.postgres);
    if (areEmpty(deltas)) return undefined;
    this.#base = { marks: now, preludes: 1 };
    return deltas;
  }

  /** Leases start there again, and get the preludes anew. */
  backToOpening(): void {
    if (this.#opened) this.#base = { marks: this.#opened.opening, preludes: 0 };
  }

  /** Leases start there from now on. */
  move(base: Base): void {
    this.#base = base;
  }

  /** What a worker needs to rewind. */
  rewindable(preludes: readonly Deltas[]): Rewindable {
    const { info, variant } = this.#plan;
    const base = this.#base;
    if (!base) throw new Error(`${stackTitle(info.slot, info.variant)} is not open`);
    const databases = info.databases.map(({ name, database }, index) => ({
      ...{ name, url: this.#context.postgres.urlFor(database, 'superuser'), oid: this.#opened?.oids[index] ?? '' },
      ...{ base: base.marks[index] ?? 0, sequences: variant.databases[index]?.sequences ?? 'rewind' },
    }));
    return { databases, applied: base.preludes, preludes: preludes.slice(base.preludes) };
  }
}
