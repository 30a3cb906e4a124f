// Which variant of the stack a project asks for: `use: { stack: 'admin' }`.
import type { PlaywrightTestConfig } from '@playwright/test';
import type { AskedVariant } from '../config/parse.ts';
import { DEFAULT_VARIANT } from '../names.ts';

type Use = Readonly<Record<string, unknown>>;

/**
 * @param use the project's `use`, the config's included
 * @param variants the names in `options.variants`; without any, `stack` is an option of the user's own fixtures
 */
export function variantOf(use: Use, variants: readonly string[]): string {
  const asked = use.stack;
  return variants.length > 0 && typeof asked === 'string' ? asked : DEFAULT_VARIANT;
}

/** What each project asks for, with the path of the option that says so. */
export function askedVariants({ use, projects }: PlaywrightTestConfig, variants: readonly string[]): AskedVariant[] {
  if (!projects?.length) return [{ path: 'use.stack', name: variantOf({ ...use }, variants) }];
  return projects.map((project, index) => ({
    path: `projects[${index}].use.stack`,
    name: variantOf({ ...use, ...project.use }, variants),
  }));
}
