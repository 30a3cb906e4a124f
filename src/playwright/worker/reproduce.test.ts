import { expect, test } from '@playwright/test';
import { commandsIn, reproduce } from './reproduce.ts';

test('a failed test is run again by its file and line, its project and its config, in any shell', () => {
  const of = (file: string, name: string, configFile: string) => {
    return reproduce({ file, line: 7, project: { name }, config: { configFile } }, '/app');
  };
  expect(of('/app/e2e/a.spec.ts', '', '/app/playwright.config.ts')).toBe('npx playwright test e2e/a.spec.ts:7');
  expect(of('/app/e2e/it[s]/a.spec.ts', "Mobile Anna's", '/app/e2e/playwright.config.ts')).toBe(
    `npx playwright test 'e2e/it\\[s\\]/a.spec.ts:7' -c e2e/playwright.config.ts '--project=Mobile Anna'\\''s'`,
  );
});

test('of what is said about a kept database a shell gets the commands, and the rest as comments', () => {
  const kept =
    'the database was kept: `npx playwright-stacks psql k`; the application on it: `npx playwright-stacks dev`';
  expect(commandsIn(kept)).toEqual([
    '# the database was kept:',
    'npx playwright-stacks psql k',
    '# the application on it:',
    'npx playwright-stacks dev',
  ]);
});
