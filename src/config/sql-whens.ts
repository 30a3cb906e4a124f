// The words of `sql`, as values.
import type { SqlWhen } from './options.ts';

export const SQL_WHENS: readonly SqlWhen[] = ['on', 'on-failure', 'off'];
