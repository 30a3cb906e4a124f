// `npm run test:matrix`: the versions and places that are supported, one by one, the ends of a run, and what else takes long.
// Outside the default run.
import { defineConfig } from '@playwright/test';

export default defineConfig({
  projects: [
    { name: 'matrix', testDir: '.', testMatch: '**/*.matrix.ts' },
    { name: 'unit', testDir: '../../src', testMatch: '**/*.test.ts', grep: /@matrix/ },
    { name: 'e2e', testDir: '..', testMatch: '*.spec.ts', grep: /@matrix/ },
  ],
  workers: 1,
  timeout: 300_000,
  reporter: './table.ts',
});
