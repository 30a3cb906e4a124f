// What worker fixtures wrote on a stack, for later workers of its slot.
import type { Deltas } from '../../lease/protocol.ts';

export class StackFixtures {
  readonly #byProject = new Map<string, Record<string, Deltas>>();

  /** By name; what is set there is known from then on. */
  of(project: string): Record<string, Deltas> {
    const known = this.#byProject.get(project) ?? {};
    this.#byProject.set(project, known);
    return known;
  }
}
