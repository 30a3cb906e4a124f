// The project's own tests: `unit` beside the code, `e2e` runs consumer projects against the packed package.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  // Looks, before and after, for what the whole of the tests leaves on the machine.
  globalSetup: './e2e/harness/whole-run.ts',
  fullyParallel: true,
  workers: 2,
  forbidOnly: !!process.env.CI,
  reporter: 'list',
  timeout: 60_000,
  projects: [
    // Those that are `@matrix` run with `npm run test:matrix`. A file's tests follow each other in one worker, as they share a Postgres.
    { name: 'unit', testDir: 'src', testMatch: '**/*.test.ts', grepInvert: /@matrix/, fullyParallel: false },
    { name: 'e2e', testDir: 'e2e', testMatch: '**/*.spec.ts', grepInvert: /@matrix/ },
  ],
});
