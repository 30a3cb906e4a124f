// `npm run test:apps`: applications of other frameworks and languages, which need more than Node. Outside the default run.
import { defineConfig } from '@playwright/test';

export default defineConfig({ testDir: '.', testMatch: '**/*.app.ts', workers: 1, timeout: 300_000 });
