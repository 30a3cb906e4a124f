// What a failed attempt says of itself, as it may be kept: a few errors, without colours and secrets, not too long.
import { relative } from 'node:path';
import type { TestResult } from '@playwright/test/reporter';
import type { TestFault } from '../../events.ts';
import { presentable } from '../../text/presentable.ts';

/** Soft assertions may fail by the thousand, and tests, too: what all of them say would fill the memory. */
const MOST = { whole: { errors: 5, characters: 4_000 }, brief: { errors: 1, characters: 400 } } as const;

/** @param rootDir what paths are relative to, as those of tests are */
export function testFaults(
  result: Pick<TestResult, 'errors'>,
  rootDir: string,
  size: keyof typeof MOST,
): readonly TestFault[] {
  const { errors, characters } = MOST[size];
  return result.errors.slice(0, errors).map(({ message, value, snippet, location }) => {
    const text = [message ?? value ?? 'an error without a message', ...(snippet ? [snippet] : [])].join('\n\n');
    const at = location && `${relative(rootDir, location.file)}:${location.line}`;
    return { message: presentable(text, characters), ...(at && { at }) };
  });
}
