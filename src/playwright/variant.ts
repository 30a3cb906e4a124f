// What a project asks for in its `use`: a variant of the stack (`stack: 'admin'`), an isolation.
import type { PlaywrightTestConfig } from '@playwright/test';
import { DEFAULT_ISOLATION, ISOLATIONS } from '../config/isolations.ts';
import type { Isolation, Sequences, StacksOptions } from '../config/options.ts';
import type { AskedVariant } from '../config/parse.ts';
import { SEQUENCES } from '../config/sequences.ts';
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

/** What was checked in the runner. */
export function isolationOf(use: Use, options: Pick<StacksOptions, 'isolation'>): Isolation {
  return ISOLATIONS.find((level) => level === use.isolation) ?? options.isolation ?? DEFAULT_ISOLATION;
}

/** What a project says of sequences. */
export function sequencesOf(use: Use): Sequences | undefined {
  return SEQUENCES.find((each) => each === use.sequences);
}

/** Every project, with the path that the user wrote it under; a config without projects is one. */
export function projectsOf({
  use,
  projects,
}: PlaywrightTestConfig): { path: string; name: string | undefined; use: Use }[] {
  if (!projects?.length) return [{ path: 'use', name: undefined, use: { ...use } }];
  return projects.map((project, index) => ({
    path: `projects[${index}].use`,
    name: project.name,
    use: { ...use, ...project.use },
  }));
}

/** What each project asks for, with the path of the option that says so. */
export function askedVariants(config: PlaywrightTestConfig, variants: readonly string[]): AskedVariant[] {
  return projectsOf(config).map(({ path, use }) => ({ path: `${path}.stack`, name: variantOf(use, variants) }));
}
