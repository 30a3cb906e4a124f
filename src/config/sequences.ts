// What becomes of sequences, as values.
import type { Sequences } from './options.ts';

export const SEQUENCES: readonly Sequences[] = ['rewind', 'keep'];
export const DEFAULT_SEQUENCES: Sequences = 'rewind';
