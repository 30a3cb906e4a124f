// How large the run is that the board is measured with.
import { fileURLToPath } from 'node:url';

export const SIZE = { slots: 64, files: 100, tests: 50 } as const;
export const TESTS = SIZE.files * SIZE.tests;
export const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export function mega(bytes: number): number {
  return bytes / 2 ** 20;
}
