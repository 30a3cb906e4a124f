// Nothing is isolated: all workers have one server, which Playwright starts, and one database. No suite can be faster.
import { defineConfig } from '@playwright/test';

export const served = {
  command: 'node app.mjs',
  url: 'http://localhost:19999/',
  env: { ...process.env, PORT: '19999', DATABASE_URL: `${process.env.PEER_SERVER}/floor` },
};

export default defineConfig({
  testDir: process.env.PEER_TESTS,
  workers: 4,
  reporter: 'dot',
  use: { baseURL: served.url },
  webServer: process.env.PEER_RUNNING ? undefined : served,
});
