// A NestJS application with TypeORM: the database in parts, migrations in TypeScript, a build.
import { adopts } from './adopt.ts';

function partsOf(url: string): string {
  const { hostname, port, username, password, pathname } = new URL(url);
  const [host, address, name] = [`DB_HOST=${hostname}`, `DB_PORT=${port}`, `DB_NAME=${pathname.slice(1)}`];
  return [host, address, name, `DB_USERNAME=${username}`, `DB_PASSWORD=${password}`, ''].join('\n');
}

adopts('NestJS with TypeORM', {
  fixture: 'nestjs-typeorm',
  page: 'nestjs',
  env: partsOf,
  mayWrite: ['dist/'],
  options: `{
  database: {
    migrate: 'npx typeorm-ts-node-commonjs migration:run -d src/data-source.ts',
    seed: 'npm run seed',
    inputs: ['src/migrations/**', 'src/data-source.ts', 'src/seed.ts', 'src/books/book.entity.ts'],
  },
  build: 'npm run build',
  server: { command: 'node dist/main', url: '/' },
}`,
});
