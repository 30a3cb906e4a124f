// How many groups of tests a machine runs at once before they slow each other down.
import { availableParallelism, totalmem } from 'node:os';

/** Bytes for one: a browser, the servers of a slot and its part of Postgres. */
const MEMORY = 2 ** 30;

/** @param memory bytes */
export function sizeOfMachine(cores: number = availableParallelism(), memory: number = memoryOfMachine()): number {
  return Math.max(1, Math.min(cores, Math.floor(memory / MEMORY)));
}

/** A container may have less than the machine. */
function memoryOfMachine(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}
