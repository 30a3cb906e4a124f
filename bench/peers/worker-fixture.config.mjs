// What one writes oneself: each worker clones a database and starts a server (`worker-fixture.mjs`).
import { defineConfig } from '@playwright/test';

export default defineConfig({ testDir: process.env.PEER_TESTS, workers: 4, reporter: 'dot' });
