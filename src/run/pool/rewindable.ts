// What a worker needs to rewind the databases of its stack.
import type { Deltas, Marks, Rewindable } from '../../lease/protocol.ts';
import type { RunContext } from '../run-context.ts';
import type { StackPlan } from './plan.ts';

/** Where leases of a stack start, and how many preludes that holds. */
export interface Base {
  readonly marks: Marks;
  readonly preludes: number;
}

/** @param oids of the databases, in their order */
export function rewindableOf(
  { info, variant }: StackPlan,
  { postgres }: Pick<RunContext, 'postgres'>,
  oids: readonly string[],
  base: Base,
  preludes: readonly Deltas[],
): Rewindable {
  const databases = info.databases.map(({ name, database }, index) => ({
    ...{ name, url: postgres.urlFor(database, 'superuser'), oid: oids[index] ?? '', base: base.marks[index] ?? 0 },
    sequences: variant.databases[index]?.sequences ?? 'rewind',
  }));
  return { databases, applied: base.preludes, preludes: preludes.slice(base.preludes) };
}
