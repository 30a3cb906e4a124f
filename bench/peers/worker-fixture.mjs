// As Playwright's guide has it: a worker fixture for what is dear, a fixture for what each test needs.
import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { test as base } from '@playwright/test';
import pg from 'pg';
import { SEED, TABLES } from './schema.mjs';

export { expect } from '@playwright/test';

export const test = base.extend({
  server: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads it.
    async ({}, use, { workerIndex, parallelIndex }) => {
      const database = `worker_${workerIndex}`;
      const admin = new pg.Client(`${process.env.PEER_SERVER}/postgres`);
      await admin.connect();
      await admin.query(`CREATE DATABASE ${database} TEMPLATE peer STRATEGY file_copy`);
      const port = 19000 + parallelIndex;
      const DATABASE_URL = `${process.env.PEER_SERVER}/${database}`;
      const app = spawn('node', ['app.mjs'], { env: { ...process.env, PORT: String(port), DATABASE_URL } });
      const url = `http://localhost:${port}/`;
      while (!(await fetch(url).catch(() => undefined))?.ok) await delay(20);
      const client = new pg.Client(DATABASE_URL);
      await client.connect();
      await use({ url, client });
      await client.end();
      const ended = new Promise((resolve) => app.once('exit', resolve));
      app.kill();
      await ended;
      await admin.query(`DROP DATABASE ${database} WITH (FORCE)`);
      await admin.end();
    },
    { scope: 'worker', timeout: 60_000 },
  ],
  clean: [
    async ({ server }, use) => {
      await server.client.query(`TRUNCATE ${TABLES.join(', ')} RESTART IDENTITY CASCADE; ${SEED}`);
      await use();
    },
    { auto: true },
  ],
  baseURL: async ({ server }, use) => use(server.url),
});
