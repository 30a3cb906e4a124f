// The package: on its own Postgres, or with STACKS_DATABASE_URL on the one that the others have.
import { defineConfig } from '@playwright/test';
import { withStacks } from 'playwright-stacks';
import { migrate } from './schema.mjs';

export default withStacks(defineConfig({ testDir: process.env.PEER_TESTS, workers: 4, reporter: 'dot' }), {
  database: { migrate, inputs: ['schema.mjs'] },
  server: { command: 'node app.mjs', url: '/' },
});
