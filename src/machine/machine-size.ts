// How many groups of tests a machine runs at once before they slow each other down.
import { totalmem } from 'node:os';
import { memoryLimit } from '../process/memory-limit.ts';
import { processors } from '../process/processors.ts';

/** Bytes for one: a browser, the servers of a slot and its part of Postgres. */
const MEMORY = 2 ** 30;

/** @param memory bytes */
export function sizeOfMachine(
  cores: number = processors(),
  memory: number = Math.min(memoryLimit(), totalmem()),
): number {
  return Math.max(1, Math.min(cores, Math.floor(memory / MEMORY)));
}
