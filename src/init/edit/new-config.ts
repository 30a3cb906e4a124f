// A Playwright config for a project that has none, and a test to begin with.
import { type OptionTree, optionsText } from './options-text.ts';
import { USUAL_STYLE } from './style.ts';

export function newConfigText(testDir: string, options: OptionTree): string {
  const text = optionsText(options, USUAL_STYLE);
  return `import { defineConfig } from '@playwright/test';
import { withStacks } from 'playwright-stacks';

export default withStacks(defineConfig({ testDir: '${testDir}', workers: 4 }), ${text});
`;
}

/** Needs no browser. */
export const FIRST_TEST = `import { expect, test } from '@playwright/test';

test('the application answers', async ({ request }) => {
  const response = await request.get('/');
  expect(response.status()).toBeLessThan(500);
});
`;

/** What to write by hand where a config cannot be edited. */
export function textToPaste(options: OptionTree): string {
  return `import { withStacks } from 'playwright-stacks'; // or: const { withStacks } = require('playwright-stacks');

export default withStacks(config, ${optionsText(options, USUAL_STYLE)}); // config: what the file exports now
`;
}
