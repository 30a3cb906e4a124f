import { expect, test } from '@playwright/test';
import { connectionString, databaseEnv, serverTitle, withDatabase } from './connection-string.ts';

test('a connection string survives being built and taken apart', () => {
  const url = connectionString({ host: '127.0.0.1', port: 5433, user: 'a b', password: 'p@s:/?#%', database: 'x/"y' });
  expect(databaseEnv(url)).toEqual({
    DATABASE_URL: url,
    PGHOST: '127.0.0.1',
    PGPORT: '5433',
    PGUSER: 'a b',
    PGPASSWORD: 'p@s:/?#%',
    PGDATABASE: 'x/"y',
  });
});

test('another database keeps everything else', () => {
  expect(withDatabase('postgresql://h?dbname=main&sslmode=require', 'stk_1')).toBe(
    'postgresql://h/stk_1?sslmode=require',
  );
  expect(withDatabase('postgres://u:p@db.example.org/main?sslmode=require', 'stk_1')).toBe(
    'postgres://u:p@db.example.org/stk_1?sslmode=require',
  );
  expect(withDatabase('postgresql:///main?host=/var/run/postgresql', 'stk_1')).toBe(
    'postgresql:///stk_1?host=/var/run/postgresql',
  );
});

test('what a connection string does not say is left to libpq', () => {
  expect(databaseEnv('postgresql:///main?host=/var/run/postgresql&sslmode=disable')).toEqual({
    DATABASE_URL: 'postgresql:///main?host=/var/run/postgresql&sslmode=disable',
    PGHOST: '/var/run/postgresql',
    PGPORT: '5432',
    PGDATABASE: 'main',
    PGSSLMODE: 'disable',
  });
});

test('a server is named without its password', () => {
  expect(serverTitle('postgres://u:secret@[::1]/x')).toBe('::1:5432');
  expect(() => serverTitle('mysql://u:secret@h/x')).toThrow('DATABASE_UNREACHABLE: the connection string is not one.');
});
