// A Rails application (Debian's ruby-rails, ruby-pg, puma, bundler and ruby-dotenv).
import { adopts } from './adopt.ts';

adopts('Rails', {
  fixture: 'rails',
  page: 'rails',
  env: (url) => `LIBRARY_DATABASE_URL=${url}\n`,
  mayWrite: ['Gemfile.lock', 'db/schema.rb', 'log/', 'tmp/'],
  commands: { PATH: `/usr/bin:${process.env.PATH}` },
  options: `{
  database: {
    migrate: 'bin/rails db:migrate',
    seed: 'bin/rails db:seed',
    inputs: ['db/migrate/**', 'db/seeds.rb'],
  },
  server: {
    command: 'PIDFILE=tmp/pids/server-{port}.pid bin/rails server -p {port}',
    url: '/books.json',
  },
}`,
});
