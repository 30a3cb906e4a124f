// A Nuxt application with Drizzle, whose address of the database comes from a variable of Nuxt's own.
import { adopts } from './adopt.ts';

adopts('Nuxt with Drizzle', {
  fixture: 'nuxt-drizzle',
  env: (url) => `NUXT_DATABASE_URL=${url}\n`,
  page: 'nuxt',
  options: `{
  database: {
    migrate: 'npm run db:migrate',
    seed: 'npm run db:seed',
    inputs: ['drizzle/**', 'drizzle.config.ts', 'server/db/seed.ts', 'server/db/schema.ts'],
  },
  build: 'npm run build',
  server: { command: 'npm run preview', url: '/', timeout: 120_000 },
}`,
  mayWrite: ['.nuxt/', '.output/', '.data/'],
  commands: { NUXT_TELEMETRY_DISABLED: '1' },
  node: 22,
});
