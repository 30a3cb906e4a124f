// What is wrong with the options, each mistake by the path that the user wrote.
import type { ZodType, z } from 'zod';
import { StacksError } from '../errors.ts';

/** One mistake: "`path` text". */
export interface Mistake {
  readonly path: string;
  readonly text: string;
}

/** @param path of `value`; empty where the value is all of the options */
export function mistakesIn(value: unknown, schema: ZodType, path = ''): Mistake[] {
  const { error } = schema.safeParse(value);
  return error?.issues.flatMap((issue) => mistakesOf(issue, path === '' ? [] : [path])) ?? [];
}

export function invalidOptions(mistakes: readonly Mistake[]): StacksError {
  const count = mistakes.length === 1 ? 'one mistake' : `${mistakes.length} mistakes`;
  return new StacksError('OPTIONS_INVALID', `${count} in the options of withStacks().`, {
    items: mistakes.map(({ path, text }) => `\`${path}\` ${text}`),
  });
}

function mistakesOf(issue: z.core.$ZodIssue, parents: readonly PropertyKey[]): Mistake[] {
  const path = [...parents, ...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const texts = issue.message.split('\n');
    return issue.keys.map((key, index) => ({ path: pathOf([...path, key]), text: texts[index] ?? '' }));
  }
  // Of several alternatives the mistakes are in the one whose kind the value has.
  const meant = issue.code === 'invalid_union' ? issue.errors.find((errors) => errors.every(isInside)) : undefined;
  return meant?.flatMap((each) => mistakesOf(each, path)) ?? [{ path: pathOf(path), text: issue.message }];
}

function isInside({ code, path }: z.core.$ZodIssue): boolean {
  return path.length > 0 || code === 'unrecognized_keys';
}

function pathOf(path: readonly PropertyKey[]): string {
  return path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('')
    .replace(/^\./, '');
}
