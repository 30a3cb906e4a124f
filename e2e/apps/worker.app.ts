// An Express application whose jobs run in a process of their own (graphile-worker).
import { adopts } from './adopt.ts';

adopts('Express beside a job worker', {
  fixture: 'express-graphile-worker',
  page: 'job-worker',
  env: (url) => `DATABASE_URL=${url}\n`,
  says: ['a job of graphile-worker may run when its test is over', /^ok +server "worker" +is on the database/m],
  options: `{
  database: { migrate: 'npm run db:migrate', inputs: ['migrations/**', 'migrate.js', 'db.js'] },
  server: [
    { command: 'npm start', name: 'web', url: '/health' },
    { command: 'npm run worker', name: 'worker', wait: { stdout: /The worker is ready/ } },
  ],
}`,
});
