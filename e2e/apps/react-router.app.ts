// A React Router application in framework mode, with Drizzle.
import { adopts } from './adopt.ts';

adopts('React Router with Drizzle', {
  fixture: 'react-router-drizzle',
  env: (url) => `DATABASE_URL=${url}\n`,
  page: 'react-router',
  options: `{
  database: {
    migrate: 'npm run db:migrate',
    seed: 'npm run db:seed',
    inputs: [
      'drizzle/**',
      'drizzle.config.ts',
      'app/db/seed.ts',
      'app/db/client.server.ts',
      'app/db/schema.ts',
    ],
  },
  build: 'npm run build',
  server: { command: 'npm start', url: '/' },
}`,
  mayWrite: ['build/', '.react-router/'],
  node: 22,
});
