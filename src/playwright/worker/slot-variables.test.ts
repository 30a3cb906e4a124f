// Whose variables are whose, in a worker's environment.
import { expect, test } from '@playwright/test';
import type { RunFile, StackInfo } from '../../lease/run-file.ts';
import { adoptVariables, forgetVariables, restoreVariables } from './slot-variables.ts';

const stacks = [0, 1].map((slot) => ({
  url: `http://localhost:2400${slot}`,
  env: { DATABASE_URL: `postgres://localhost/stk_run_${slot}` },
})) as unknown as [StackInfo, StackInfo];
const developer = { DATABASE_URL: 'postgres://localhost/developer', PLAYWRIGHT_TEST_BASE_URL: null };
const file = { stacks, developer } as unknown as RunFile;
const components = 'http://localhost:3100';

const here = () => [process.env.DATABASE_URL, process.env.PLAYWRIGHT_TEST_BASE_URL];
/** As a worker finds them: slot 0's, or what somebody has set since. */
function begin(baseURL: string, databaseUrl = stacks[0].env.DATABASE_URL ?? ''): void {
  Object.assign(process.env, { DATABASE_URL: databaseUrl, PLAYWRIGHT_TEST_BASE_URL: baseURL });
}

test.afterAll(() => {
  for (const name of Object.keys(developer)) delete process.env[name];
});

test('slot 0’s variables become those of the worker’s slot, or go, or what was there before', () => {
  begin('http://localhost:24000');
  adoptVariables(stacks[1], file);
  expect(here()).toEqual(['postgres://localhost/stk_run_1', 'http://localhost:24001']);
  forgetVariables(file);
  expect(here()).toEqual([undefined, undefined]);
  restoreVariables(file);
  expect(here()).toEqual([developer.DATABASE_URL, undefined]);
});

test('a base URL that component testing has set after our set-up stays', () => {
  begin(components);
  adoptVariables(stacks[1], file);
  expect(here()).toEqual(['postgres://localhost/stk_run_1', components]);
  forgetVariables(file);
  restoreVariables(file);
  expect(here()).toEqual([developer.DATABASE_URL, components]);
});

test('a project without a stack keeps the database that the user’s globalSetup has set', () => {
  begin('http://localhost:24000', 'postgres://localhost/container');
  forgetVariables(file);
  restoreVariables(file);
  expect(here()).toEqual(['postgres://localhost/container', undefined]);
});
