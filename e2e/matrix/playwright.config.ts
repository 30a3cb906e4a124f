// `npm run test:matrix`: the versions and places that are supported, one by one. Outside the default run: it takes long.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.matrix.ts',
  workers: 1,
  timeout: 300_000,
  reporter: './table.ts',
});
