// Which ports a test is not to go to.
import { expect, test } from '@playwright/test';
import type { StackInfo } from '../../lease/run-file.ts';
import { withoutPostgres } from './development-visits.ts';

test('a `webServer` that starts Postgres is no development server: each worker is connected to it', () => {
  const urls = ['postgres://me@127.0.0.1:5433/one', 'postgres://me@localhost/two'];
  const stack = { databases: urls.map((url) => ({ url })) } as unknown as StackInfo;
  expect(withoutPostgres(['3000', '5432', '5433'], stack)).toEqual(['3000']);
});
