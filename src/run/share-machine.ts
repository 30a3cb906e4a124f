// The slots of the machine, for a run that shares it with others.
import type { ResolvedStacks } from '../config/resolved.ts';
import type { Events } from '../events.ts';
import type { Lifetime } from '../lifetime.ts';
import { sizeOfMachine } from '../machine/machine-size.ts';
import { MachineSlots } from '../machine/machine-slots.ts';
import { RunMachine } from './pool/run-machine.ts';

/** Undefined: it takes no notice of others. Until `lifetime` ends they know of it. */
export function shareMachine(
  run: string,
  { machine, root }: ResolvedStacks,
  events: Events,
  lifetime: Lifetime,
): RunMachine | undefined {
  if (machine.slots === 'off') return undefined;
  const slots = machine.slots === 'auto' ? sizeOfMachine() : machine.slots;
  const shared = new MachineSlots({ run, root, slots });
  lifetime.defer('leave the machine to others', () => shared.close());
  shared.join();
  void shared.met.then((why) => {
    if (why !== undefined) events.emit({ type: 'machine-unknown', why });
  });
  return new RunMachine(shared, events);
}
