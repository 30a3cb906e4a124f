// What the workers of a run share: the slots of the machine, and of whose the user was told.
import type { Events } from '../../events.ts';
import type { MachineSlots } from '../../machine/machine-slots.ts';
import type { RunSlots } from '../../machine/slot-table.ts';

export class RunMachine {
  readonly slots: MachineSlots;
  readonly events: Events;
  readonly #told = new Set<string>();

  constructor(slots: MachineSlots, events: Events) {
    this.slots = slots;
    this.events = events;
  }

  /** Whether a wait for these was told before. */
  isTold(runs: readonly RunSlots[]): boolean {
    const key = runs
      .map(({ run }) => run)
      .sort()
      .join();
    const isTold = this.#told.has(key);
    this.#told.add(key);
    return isTold;
  }
}
