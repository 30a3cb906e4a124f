// The levels of isolation, as values.
import type { Isolation } from './options.ts';

export const ISOLATIONS: readonly Isolation[] = ['test', 'file', 'worker', 'off'];
export const DEFAULT_ISOLATION: Isolation = 'test';
