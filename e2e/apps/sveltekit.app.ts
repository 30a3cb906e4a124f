// A SvelteKit application, built and previewed as its own template for Playwright does it, with Kysely.
import { adopts } from './adopt.ts';

adopts('SvelteKit with Kysely', {
  fixture: 'sveltekit-kysely',
  env: (url) => `DATABASE_URL=${url}\n`,
  page: 'sveltekit',
  options: `{
  database: {
    migrate: 'npx kysely migrate:latest',
    seed: 'npx kysely seed:run',
    inputs: ['migrations/**', 'seeds/**', 'kysely.config.ts'],
  },
  build: 'npm run build',
  server: { command: 'npm run preview -- --port {port} --strictPort --bypass-lock' },
}`,
  mayWrite: ['build/', '.svelte-kit/'],
  node: 22,
});
