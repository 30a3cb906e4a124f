// A Fastify application in TypeScript modules, with MikroORM's migrations and seeder.
import { adopts } from './adopt.ts';

adopts('Fastify with MikroORM', {
  fixture: 'fastify-mikro-orm',
  page: 'fastify',
  env: (url) => `NOTES_DB_URL=${url}\n`,
  options: `{
  database: {
    migrate: 'MIKRO_ORM_MIGRATIONS_SNAPSHOT=false npx mikro-orm-esm migration:up',
    seed: 'npx mikro-orm-esm seeder:run',
    inputs: ['src/migrations/**', 'src/seeders/**', 'src/mikro-orm.config.ts'],
  },
}`,
});
