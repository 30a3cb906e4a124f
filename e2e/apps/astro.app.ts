// An Astro application, rendered on a server of Node, with Sequelize.
import { adopts } from './adopt.ts';

adopts('Astro with Sequelize', {
  fixture: 'astro-sequelize',
  env: (url) => `DATABASE_URL=${url}\n`,
  page: 'astro',
  options: `{
  database: {
    migrate: 'npx sequelize-cli db:migrate',
    seed: 'npx sequelize-cli db:seed:all',
    inputs: ['migrations/**', 'seeders/**', 'config/config.json'],
  },
  build: 'npm run build',
  server: {
    command: 'npm run preview -- --port {port} --ignore-lock',
    url: '/',
    timeout: 120 * 1000,
  },
}`,
  mayWrite: ['dist/', '.astro/'],
  commands: { ASTRO_TELEMETRY_DISABLED: '1' },
  node: 22,
});
