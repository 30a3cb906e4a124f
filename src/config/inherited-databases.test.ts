import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { fillTemplates, type VariableTemplates } from './connection-template.ts';
import { parseEnvFile, readEnvFiles } from './env-files.ts';
import { developmentDatabase, inheritedDatabases, takenVariables } from './inherited-databases.ts';
import { targetTitle } from './postgres-value.ts';

/** What a slot's database is. */
const slot = {
  ...{ url: 'postgresql://app:pw@127.0.0.1:20001/stk', database: 'stk', host: '127.0.0.1' },
  ...{ port: 20001, user: 'app', password: 'pw' },
};

/** What processes of ours get in the place of `environment`'s variables. */
function given(environment: Record<string, string>): Record<string, string> {
  const taken = takenVariables(inheritedDatabases(environment, [], '/'), undefined, [], []);
  return fillTemplates(Object.assign({}, ...taken.map(({ templates }) => templates)) as VariableTemplates, slot);
}

/** What hosts, frameworks and tools name a database by, as their documentation writes it. */
const KNOWN: readonly [who: string, environment: Record<string, string>, given: Record<string, string>][] = [
  [
    'Vercel, Neon',
    {
      POSTGRES_URL: 'postgres://u:p@ep-1-pooler.eu.neon.tech/neondb?sslmode=require',
      POSTGRES_URL_NON_POOLING: 'postgres://u:p@ep-1.eu.neon.tech/neondb?sslmode=require',
      POSTGRES_PRISMA_URL: 'postgres://u:p@ep-1-pooler.eu.neon.tech/neondb?connect_timeout=15&sslmode=require',
      DATABASE_URL_UNPOOLED: 'postgresql://u:p@ep-1.eu.neon.tech/neondb?sslmode=require',
      ...{
        POSTGRES_USER: 'u',
        POSTGRES_HOST: 'ep-1.eu.neon.tech',
        POSTGRES_PASSWORD: 'p',
        POSTGRES_DATABASE: 'neondb',
      },
    },
    {
      ...{ POSTGRES_URL: slot.url, POSTGRES_URL_NON_POOLING: slot.url, POSTGRES_PRISMA_URL: slot.url },
      ...{ DATABASE_URL_UNPOOLED: slot.url, POSTGRES_USER: 'app', POSTGRES_HOST: '127.0.0.1', POSTGRES_PORT: '20001' },
      ...{ POSTGRES_PASSWORD: 'pw', POSTGRES_DATABASE: 'stk' },
    },
  ],
  [
    'Prisma',
    {
      DIRECT_URL: 'postgresql://u:p@h:5432/dev?schema=app&pgbouncer=true',
      PRISMA_DATABASE_URL: 'prisma+postgres://h/?api_key=k',
    },
    { DIRECT_URL: `${slot.url}?schema=app`, PRISMA_DATABASE_URL: slot.url },
  ],
  [
    'Railway',
    { DATABASE_PRIVATE_URL: 'postgresql://postgres:p@postgres.railway.internal:5432/railway' },
    { DATABASE_PRIVATE_URL: slot.url },
  ],
  [
    'Supabase',
    { SUPABASE_DB_URL: 'postgresql://postgres.ref:p@pooler.supabase.com:6543/postgres' },
    { SUPABASE_DB_URL: slot.url },
  ],
  [
    'Heroku',
    { HEROKU_POSTGRESQL_PINK_URL: 'postgres://u:p@ec2.compute.amazonaws.com:5432/d1' },
    { HEROKU_POSTGRESQL_PINK_URL: slot.url },
  ],
  ['Payload', { DATABASE_URI: 'postgres://u@localhost/payload' }, { DATABASE_URI: slot.url }],
  [
    'SQLAlchemy',
    { SQLALCHEMY_DATABASE_URI: 'postgresql+asyncpg://u:p@localhost/dev' },
    { SQLALCHEMY_DATABASE_URI: 'postgresql+asyncpg://app:pw@127.0.0.1:20001/stk' },
  ],
  ['Ecto', { ECTO_URL: 'ecto://u:p@localhost/dev' }, { ECTO_URL: 'ecto://app:pw@127.0.0.1:20001/stk' }],
  ['GeoDjango', { GEO_URL: 'postgis://u:p@localhost/dev' }, { GEO_URL: 'postgis://app:pw@127.0.0.1:20001/stk' }],
  [
    'Spring',
    {
      SPRING_DATASOURCE_URL: 'jdbc:postgresql://localhost:5432/dev?currentSchema=app',
      SPRING_R2DBC_URL: 'r2dbc:postgresql://localhost/dev',
    },
    {
      SPRING_DATASOURCE_URL: 'jdbc:postgresql://127.0.0.1:20001/stk?user=app&password=pw&currentSchema=app',
      SPRING_R2DBC_URL: 'r2dbc:postgresql://127.0.0.1:20001/stk?user=app&password=pw',
    },
  ],
  [
    '.NET',
    { ConnectionStrings__Default: 'Host=localhost;Database=dev;Username=u;Password=p;Pooling=false;SSL Mode=Require' },
    { ConnectionStrings__Default: 'Host=127.0.0.1;Port=20001;Database=stk;Username=app;Password=pw;Pooling=false' },
  ],
  [
    'Go',
    { GOOSE_DBSTRING: "host=localhost user=u password='p w' dbname=dev sslmode=disable" },
    { GOOSE_DBSTRING: "host=127.0.0.1 port=20001 dbname=stk user=app password='pw'" },
  ],
  [
    'Laravel',
    { DB_CONNECTION: 'pgsql', DB_HOST: '127.0.0.1', DB_DATABASE: 'laravel', DB_USERNAME: 'u', DB_PASSWORD: 'p' },
    { DB_HOST: '127.0.0.1', DB_PORT: '20001', DB_DATABASE: 'stk', DB_USERNAME: 'app', DB_PASSWORD: 'pw' },
  ],
  [
    'Django’s tutorials',
    {
      SQL_ENGINE: 'django.db.backends.postgresql',
      SQL_DATABASE: 'dev',
      SQL_USER: 'u',
      SQL_HOST: 'db',
      SQL_PORT: '5432',
    },
    { SQL_DATABASE: 'stk', SQL_USER: 'app', SQL_PASSWORD: 'pw', SQL_HOST: '127.0.0.1', SQL_PORT: '20001' },
  ],
  [
    'AWS',
    {
      RDS_HOSTNAME: 'x.rds.amazonaws.com',
      RDS_PORT: '5432',
      RDS_DB_NAME: 'ebdb',
      RDS_USERNAME: 'u',
      RDS_PASSWORD: 'p',
    },
    { RDS_HOSTNAME: '127.0.0.1', RDS_PORT: '20001', RDS_DB_NAME: 'stk', RDS_USERNAME: 'app', RDS_PASSWORD: 'pw' },
  ],
  [
    'n8n',
    { DB_TYPE: 'postgresdb', DB_POSTGRESDB_DATABASE: 'n8n', DB_POSTGRESDB_HOST: 'h' },
    {
      ...{ DB_POSTGRESDB_DATABASE: 'stk', DB_POSTGRESDB_HOST: '127.0.0.1', DB_POSTGRESDB_PORT: '20001' },
      ...{ DB_POSTGRESDB_USER: 'app', DB_POSTGRESDB_PASSWORD: 'pw' },
    },
  ],
  [
    'Azure',
    { DBHOST: 'localhost', DBNAME: 'app', DBUSER: 'u', DBPASS: 'p' },
    { DBHOST: '127.0.0.1', DBPORT: '20001', DBNAME: 'stk', DBUSER: 'app', DBPASS: 'pw' },
  ],
  [
    'another prefix, on Postgres’ port',
    { SHOP_HOST: 'h', SHOP_PORT: '5432', SHOP_DATABASE: 'shop' },
    { SHOP_HOST: '127.0.0.1', SHOP_PORT: '20001', SHOP_DATABASE: 'stk', SHOP_USER: 'app', SHOP_PASSWORD: 'pw' },
  ],
];
for (const [who, environment, expected] of KNOWN) {
  test(`what ${who} names a database by names the slot’s`, () => {
    expect(given(environment)).toEqual(expected);
  });
}

test('what names no Postgres database is left alone', () => {
  const environment = {
    ...{ MYSQL_URL: 'mysql://u:p@localhost/dev', DATABASE_FILE: 'file:./dev.db', REDIS_URL: 'redis://localhost:5432' },
    ...{ DB_HOST: 'localhost', DB_PORT: '3306', DB_NAME: 'dev' },
    ...{ TYPEORM_CONNECTION: 'mysql', TYPEORM_HOST: 'localhost', TYPEORM_DATABASE: 'dev' },
    ...{ REDIS_HOST: 'localhost', REDIS_DB: '0', APP_NAME: 'shop', APP_HOST: 'localhost', MONGO_DB_NAME: 'x' },
    // Of Postgres' image: for a compose file.
    ...{ POSTGRES_USER: 'u', POSTGRES_PASSWORD: 'p', POSTGRES_DB: 'dev' },
    ...{ SERVER_STRING: 'Server=localhost;Database=x;User Id=sa', TESTCONTAINERS: 'jdbc:tc:postgresql:16:///dev' },
    // Ours, and libpq's, which we set anyway.
    ...{ STACKS_DATABASE_URL: 'postgres://localhost/postgres', PGHOST: 'localhost', PGDATABASE: 'dev' },
  };
  expect(given(environment)).toEqual({});
});

test('which database a value names', () => {
  const titles = (value: string) => inheritedDatabases({ X: value }, [], '/').map(({ target }) => targetTitle(target));
  expect(titles('postgres://u:p@ss@db.example.org:6543/d%20v?x=1')).toEqual(['db.example.org:6543/d v']);
  expect(titles('postgresql:///dev?host=/var/run/postgresql')).toEqual(['/var/run/postgresql:5432/dev']);
  expect(titles('postgres://me@[::1]')).toEqual(['[::1]:5432/me']);
  expect(titles('postgres://a:1,b:2/x')).toEqual(['a:1/x']);
  expect(titles('jdbc:postgresql:dev')).toEqual(['localhost:5432/dev']);
});

test('an `.env` file is read as dotenv does, and filled in', () => {
  const text = `
    # POSTGRES_URL=postgres://localhost/commented
    export A=plain value # comment
    B="two\\nlines" # comment
    C='\${A}'
    D: colon
    URL="postgres://\${USER_NAME:-me}:$PASS@localhost/\${NAME}"
    EMPTY=
  `;
  expect(parseEnvFile(text, { PASS: 'p', NAME: 'dev' })).toEqual({
    ...{ A: 'plain value', B: 'two\nlines', C: '$' + '{A}', D: 'colon', EMPTY: '' },
    URL: 'postgres://me:p@localhost/dev',
  });
});

test('`.env` files of the folder and above it in the repository are read, their models are not', () => {
  const outer = mkdtempSync(join(tmpdir(), 'stk-test-'));
  const app = join(outer, 'repository/packages/app');
  mkdirSync(join(outer, 'repository/.git'), { recursive: true });
  mkdirSync(app, { recursive: true });
  const files = { '.env': outer, '.env.local': join(outer, 'repository'), '.env.test': app, '.env.example': app };
  for (const [name, folder] of Object.entries(files)) writeFileSync(join(folder, name), `X=${name}`);
  expect(readEnvFiles(app).map(({ variables }) => variables.X)).toEqual(['.env.test', '.env.local']);
  expect(readEnvFiles(join(app, 'no/such'))).toHaveLength(2);
  rmSync(outer, { recursive: true });
});

test('variables that another names already, and those that are allowed, are not taken over', () => {
  const environment = {
    DATABASE_URL: 'postgres://localhost/dev',
    POSTGRES_URL: 'postgresql://127.0.0.1:5432/dev',
    AUDIT_URL: 'postgres://localhost/audit',
    WAREHOUSE_URL: 'postgres://w.example.org/w',
    LAKE: 'postgres://lake.example.org:5433/l',
  };
  const inherited = inheritedDatabases(
    environment,
    [{ path: '/p/.env', variables: { POSTGRES_URL: 'postgres://x/y' } }],
    '/p',
  );
  const development = developmentDatabase(inherited, environment);
  expect(development).toEqual({ host: 'localhost', port: 5432, database: 'dev' });
  const taken = takenVariables(inherited, development, ['DATABASE_URL'], ['WAREHOUSE_URL', 'lake.example.org:5433']);
  expect(taken).toMatchObject([
    { variables: ['POSTGRES_URL'], from: 'environment', isOther: false },
    { variables: ['AUDIT_URL'], from: 'environment', isOther: true },
  ]);
});

test('the development database is what DATABASE_URL names, else libpq’s variables, else what is named first', () => {
  const first = { POSTGRES_URL: 'postgres://h/first' };
  const of = (environment: Record<string, string>) => {
    const found = developmentDatabase(inheritedDatabases(environment, [], '/'), environment);
    return found && targetTitle(found);
  };
  expect(of({ ...first, DATABASE_URL: 'postgres://h/dev', PGDATABASE: 'x' })).toBe('h:5432/dev');
  expect(of({ ...first, PGDATABASE: 'x', PGPORT: '5433' })).toBe('localhost:5433/x');
  expect(of(first)).toBe('h:5432/first');
  expect(of({})).toBeUndefined();
});
