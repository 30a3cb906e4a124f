// What STACKS_MACHINE_SLOTS says, for `machine.slots`.
import { type Mistake, mistakesIn } from './mistake.ts';
import { optionsTable } from './schema.ts';

const VARIABLE = 'STACKS_MACHINE_SLOTS';

/** Undefined: it is not set. */
export function askedSlots(): unknown {
  const text = process.env[VARIABLE];
  return text && /^\d+$/.test(text) ? Number(text) : text || undefined;
}

export function askedSlotsMistakes(): Mistake[] {
  const asked = askedSlots();
  return asked === undefined ? [] : mistakesIn(asked, optionsTable().machineSlots, VARIABLE);
}
