// The words of `keep`, as values.
import type { KeepWhen } from './options.ts';

export const KEEP_WHENS: readonly KeepWhen[] = ['never', 'on-failure', 'always'];
