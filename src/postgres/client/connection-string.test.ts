import { expect, test } from '@playwright/test';
import { byWayOf, connectionString, databaseEnv, serverTitle, withDatabase, withLogin } from './connection-string.ts';

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
  expect(() => serverTitle('mysql://u:secret@h/x')).toThrow('DATABASE_UNREACHABLE: invalid connection string.');
});

test('a socket’s folder with a user, and several hosts and ports, mean what they mean to libpq', () => {
  const socket = 'postgresql://u:p@/main?host=/run/postgresql&port=5433';
  expect(databaseEnv(socket)).toMatchObject({
    PGHOST: '/run/postgresql',
    PGPORT: '5433',
    PGUSER: 'u',
    PGDATABASE: 'main',
  });
  expect(withDatabase(socket, 'stk_1')).toBe('postgresql://u:p@/stk_1?host=/run/postgresql&port=5433');
  expect(databaseEnv('postgresql://u@%2Frun%2Fpostgresql/main')).toMatchObject({ PGHOST: '/run/postgresql' });
  const several = 'postgresql://u@one:5433,two,[::1]:6/main?target_session_attrs=read-write';
  expect(serverTitle(several)).toBe('one:5433, two:5432, ::1:6');
  expect(databaseEnv(several)).toMatchObject({ PGHOST: 'one,two,::1', PGPORT: '5433,5432,6' });
  expect(serverTitle('postgresql:///main?host=a,b&port=5')).toBe('a:5, b:5');
  expect(serverTitle('postgresql:///main?host=a,b&port=5,6')).toBe('a:5, b:6');
  for (const wrong of ['postgresql:///main?host=a,b,c&port=5,6', 'postgresql://a:b:c/main', 'postgresql://h/%zz'])
    expect(() => serverTitle(wrong), wrong).toThrow('DATABASE_UNREACHABLE: invalid connection string.');
});

test('applications get the one host that was reached, with what the string does not say', () => {
  const login = { user: 'me', password: 'p w', host: 'two', port: 5434 };
  expect(withLogin('postgresql://one,two/main?target_session_attrs=primary&sslmode=require', login)).toBe(
    'postgresql://me:p%20w@two:5434/main?sslmode=require',
  );
  expect(withLogin('postgresql:///main?host=one,/tmp', { ...login, host: '/tmp' })).toBe(
    'postgresql://me:p%20w@/main?host=/tmp&port=5434',
  );
  expect(withLogin('postgresql://u:p@/main?host=/tmp', { ...login, host: '/tmp' })).toBe(
    'postgresql://u:p@/main?host=/tmp&port=5434',
  );
  expect(withLogin('postgresql://u:p@one:5/main', login)).toBe('postgresql://u:p@one:5/main');
});

test('a database is reached by way of a port of this machine, but for sockets, several hosts and certificates for a name', () => {
  const by = (url: string) => byWayOf(url, 4000);
  expect(by('postgres://me:p%40ss@db.example.org:5433/app?sslmode=disable&schema=x')).toBe(
    'postgres://me:p%40ss@127.0.0.1:4000/app?sslmode=disable&schema=x',
  );
  expect(by('postgresql:///app?host=::1&port=5433')).toBe('postgresql://127.0.0.1:4000/app');
  for (const url of [
    'postgres:///app',
    'postgres:///app?host=/var/run/postgresql',
    'postgres://one,two/app',
    'postgres://db/app?sslmode=prefer',
    'postgres://db/app?sslmode=require',
    'postgres://db/app?sslrootcert=ca.pem',
    'postgres://db/app?sslmode=verify-full',
    'postgres://db/app?ssl=true',
  ]) {
    expect(by(url)).toBeUndefined();
  }
});
