// The slot of the machine that a worker has while it runs a group of tests. Who has what others wait for must not wait for a
// slot, and who has a slot must not wait for what others have: connections are reserved before it, setup projects take turns
// after it, and a test that waits for a lock gives it back, and has it again at once when it has the lock.
import type { WorkerEvent } from '../../events.ts';
import type { Lease } from '../../lease/server.ts';
import type { MachineSlot } from '../../machine/machine-slots.ts';
import type { RunSlots } from '../../machine/slot-table.ts';
import type { RunMachine } from './run-machine.ts';

/** Milliseconds that a test may wait for a lock with its slot: most are free at once. */
const LOCK_TIMEOUT_MS = 500;
/** The step that a worker shows meanwhile. */
const STEP = 'wait for a slot of the machine';

export class GroupSlot {
  /** Undefined: the run does not share the machine. */
  readonly #machine: RunMachine | undefined;
  readonly #lease: Lease;
  #slot: MachineSlot | undefined;
  /** Locks that the worker waits for, and has. */
  #asked = 0;
  #locks = 0;
  #lending: NodeJS.Timeout | undefined;
  /** It was given back while its test waits for a lock. */
  #isLent = false;
  #isGone = false;

  constructor(machine: RunMachine | undefined, lease: Lease) {
    this.#machine = machine;
    this.#lease = lease;
    void lease.closed.then(() => {
      this.#isGone = true;
      this.end();
    });
  }

  /**
   * A group is to begin: waits until there is a slot for it.
   * @param onWait called where it does not get one at once
   * @returns `gone`: its worker has ended before
   */
  async begin(onWait: () => void = () => {}): Promise<'at once' | 'later' | 'gone'> {
    const machine = this.#machine;
    if (this.#isGone) return 'gone'; // while its stack opened: nobody would give the slot back
    if (!machine || this.#slot) return 'at once';
    const { slot, variant, worker } = this.#lease;
    const began = performance.now();
    let hasWaited = false;
    const wait = (runs: readonly RunSlots[]) => {
      const again = hasWaited || machine.isTold(runs);
      machine.events.emit({
        type: 'machine-waits',
        slot,
        variant,
        worker,
        slots: machine.slots.size,
        by: by(runs),
        again,
      });
      if (hasWaited) return; // whoever counts is another one now
      hasWaited = true;
      this.#lease.send({ type: 'step', step: STEP, state: 'began' });
      onWait();
    };
    this.#slot = machine.slots.take({ mustNotWait: this.#locks > 0, onWait: wait });
    const first = await Promise.race([this.#slot.taken, this.#lease.closed.then(() => 'gone' as const)]);
    if (first === 'gone') return first;
    if (!hasWaited) return 'at once';
    this.#lease.send({ type: 'step', step: STEP, state: 'ended' });
    const ms = Math.round(performance.now() - began);
    machine.events.emit({ type: 'machine-taken', slot, variant, worker, ms });
    return 'later';
  }

  /** The group is over, or its worker has ended. */
  end(): void {
    this.#giveBack();
    this.#isLent = false;
  }

  note({ type }: WorkerEvent): void {
    if (type === 'lock-asked') this.#asks();
    if (type === 'lock-taken' || type === 'lock-refused') this.#asksNoMore();
    if (type === 'lock-taken') this.#locks += 1;
    if (type === 'lock-released') this.#locks -= 1;
  }

  #asks(): void {
    this.#asked += 1;
    if (!this.#slot || this.#asked > 1) return;
    this.#lending = setTimeout(() => {
      this.#giveBack();
      this.#isLent = true;
    }, LOCK_TIMEOUT_MS).unref();
  }

  #asksNoMore(): void {
    this.#asked -= 1;
    if (this.#asked > 0) return;
    clearTimeout(this.#lending);
    if (this.#isLent) this.#slot = this.#machine?.slots.take({ mustNotWait: true });
    this.#isLent = false;
  }

  #giveBack(): void {
    clearTimeout(this.#lending);
    this.#slot?.giveBack();
    this.#slot = undefined;
  }
}

/** Those that have slots. */
function by(runs: readonly RunSlots[]): readonly { run: string; root: string; slots: number }[] {
  return runs.filter(({ held }) => held > 0).map(({ run, root, held }) => ({ run, root, slots: held }));
}
