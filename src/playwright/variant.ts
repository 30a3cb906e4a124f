// Which variant of the stack a project asks for: `use: { stack: 'admin' }`.

import { nearest } from '../config/nearest.ts';
import { StacksError } from '../errors.ts';
import { DEFAULT_VARIANT } from '../names.ts';

/**
 * @param use the project's `use`, the config's included
 * @param variants the names in `options.variants`
 * @throws OPTIONS_INVALID for a name that is none of them
 */
export function variantOf(use: Readonly<Record<string, unknown>>, variants: readonly string[]): string {
  const asked = use.stack;
  // Without variants, `stack` is an option of the user's own fixtures.
  if (asked === undefined || variants.length === 0 || typeof asked !== 'string') return DEFAULT_VARIANT;
  if (asked === DEFAULT_VARIANT || variants.includes(asked)) return asked;
  const guess = nearest(asked, variants);
  throw new StacksError('OPTIONS_INVALID', `\`use.stack\` of a project names variant '${asked}', which is not there.`, {
    hint: guess ? `did you mean '${guess}'?` : `\`variants\` has ${variants.map((name) => `'${name}'`).join(', ')}.`,
  });
}
