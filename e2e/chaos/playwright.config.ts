// Only what `npm run chaos` starts: one long test.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  globalSetup: '../harness/whole-run.ts',
  testDir: '.',
  testMatch: 'chaos.ts',
  reporter: 'line',
  workers: 1,
  timeout: 0,
});
