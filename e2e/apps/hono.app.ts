// A Hono application that Vite serves, with Kysely's migrations and seeds.
import { adopts } from './adopt.ts';

adopts('Hono and Vite with Kysely', {
  fixture: 'hono-kysely',
  page: 'hono',
  env: (url) => `TASKS_DB_URL=${url}\n`,
  says: ['what @hono/vite-build makes listens on the port that it was built with'],
  options: `{
  database: {
    migrate: 'npx kysely migrate:latest',
    seed: 'npx kysely seed:run',
    inputs: ['migrations/**', 'seeds/**', 'kysely.config.ts'],
  },
  server: { command: 'npm run dev -- --port {port} --strictPort', url: '/api/tasks' },
}`,
});
