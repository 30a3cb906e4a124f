import { adopts } from './adopt.ts';

adopts('Express with Knex', {
  fixture: 'express-knex',
  page: 'express',
  env: (url) => `SHOP_DB_URL=${url}\nAPP_URL=http://localhost:3000\n`,
  options: `{
  database: {
    migrate: 'npm run db:migrate',
    seed: 'npm run db:seed',
    inputs: ['migrations/**', 'seeds/**', 'knexfile.js'],
    extensions: ['citext'],
  },
  server: {
    command: 'PORT={port} npm start',
    url: '/health',
    env: { APP_URL: 'http://localhost:{port}' },
  },
}`,
});
