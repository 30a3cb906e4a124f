import { expect, test } from '@playwright/test';
import { stackVariables, stepVariables } from './database-variables.ts';

const main = 'postgresql://app:p%40ss@127.0.0.1:5433/stk_1';
const audit = 'postgresql://app:p%40ss@127.0.0.1:5433/stk_1__audit';
const libpq = { PGHOST: '127.0.0.1', PGPORT: '5433', PGUSER: 'app', PGPASSWORD: 'p@ss' };

test('the first database has DATABASE_URL and libpq’s variables beside its own, the others have their own', () => {
  const databases = [
    { inheritedEnv: {}, env: { DB_NAME: '{database}', DB_PASSWORD: '{password}' } },
    { inheritedEnv: {}, env: { AUDIT_URL: '{url}', AUDIT_PORT: '{port}' } },
  ];
  expect(stackVariables(databases, [main, audit])).toEqual({
    ...{ DATABASE_URL: main, ...libpq, PGDATABASE: 'stk_1', DB_NAME: 'stk_1', DB_PASSWORD: 'p@ss' },
    ...{ AUDIT_URL: audit, AUDIT_PORT: '5433' },
  });
  // A step that is on one of them reaches none of the others by any name.
  expect(stepVariables(databases, audit)).toEqual({
    ...{ DATABASE_URL: audit, ...libpq, PGDATABASE: 'stk_1__audit', DB_NAME: 'stk_1__audit', DB_PASSWORD: 'p@ss' },
    ...{ AUDIT_URL: audit, AUDIT_PORT: '5433' },
  });
});

test('a template for DATABASE_URL replaces the connection string', () => {
  const databases = [
    { inheritedEnv: { DATABASE_URL: 'x', DB: '{database}' }, env: { DATABASE_URL: '{url}?schema=app' } },
  ];
  expect(stackVariables(databases, [main]).DATABASE_URL).toBe(`${main}?schema=app`);
});
