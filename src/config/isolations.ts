// The levels of isolation, and what becomes of sequences, as values.
import type { Isolation, Sequences } from './options.ts';

export const ISOLATIONS: readonly Isolation[] = ['test', 'file', 'worker', 'off'];
export const DEFAULT_ISOLATION: Isolation = 'test';

export const SEQUENCES: readonly Sequences[] = ['rewind', 'keep'];
