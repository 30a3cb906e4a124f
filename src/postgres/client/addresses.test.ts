import { writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { addressesOf, wantsPrimary } from './addresses.ts';

const ways = (url: string) =>
  addressesOf(url).map(({ ssl }) => (ssl ? (ssl.rejectUnauthorized ?? 'verified') : 'plain'));

test('sslmode means what it means to libpq', () => {
  const at = 'postgresql://me@db.example.org/main';
  expect(ways(at)).toEqual([false, 'plain']);
  expect(ways(`${at}?sslmode=prefer`)).toEqual([false, 'plain']);
  expect(ways(`${at}?sslmode=allow`)).toEqual(['plain', false]);
  expect(ways(`${at}?sslmode=disable`)).toEqual(['plain']);
  expect(ways(`${at}?sslmode=require`)).toEqual([false]);
  expect(ways(`${at}?sslmode=verify-ca`)).toEqual(['verified']);
  expect(ways(`${at}?sslmode=verify-full`)).toEqual(['verified']);
  expect(() => ways(`${at}?sslmode=sure`)).toThrow(/`sslmode=sure` .*\n {2}hint: known are disable, allow, prefer/);
});

test('on this machine TLS is asked for only where it is said or demanded', () => {
  expect(ways('postgresql://me@localhost/main')).toEqual(['plain', false]);
  expect(ways('postgresql://me@[::1]/main?sslmode=prefer')).toEqual([false, 'plain']);
  expect(ways('postgresql:///main?host=/run/postgresql&sslmode=require')).toEqual(['plain']);
});

// biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's source.
test('a root certificate is verified, by verify-full also the name in it', ({}, testInfo) => {
  const file = testInfo.outputPath('root.crt');
  writeFileSync(file, 'certificate');
  const tls = (mode: string) => addressesOf(`postgresql://h/d?sslmode=${mode}&sslrootcert=${file}`)[0]?.ssl;
  expect(tls('require')).toEqual({ ca: 'certificate', checkServerIdentity: expect.any(Function) });
  expect(tls('verify-ca')).toEqual({ ca: 'certificate', checkServerIdentity: expect.any(Function) });
  expect(tls('verify-full')).toEqual({ ca: 'certificate' });
  expect(addressesOf('postgresql://h/d?sslmode=verify-full&sslrootcert=system')[0]?.ssl).toEqual({});
  expect(() => addressesOf('postgresql://h/d?sslmode=require&sslrootcert=/no/such')).toThrow(
    'DATABASE_UNREACHABLE: `sslrootcert` of the connection string cannot be read.',
  );
});

test('several hosts are tried in their order, each in its ways; only a primary where that is said', () => {
  const hosts = (url: string) => addressesOf(url).map(({ host, port, ssl }) => [host, port, ssl !== false]);
  expect(hosts('postgresql:///main?host=db.one,/run/pg&port=5433,6')).toEqual([
    ['db.one', 5433, true],
    ['db.one', 5433, false],
    ['/run/pg', 6, false],
  ]);
  expect(hosts('postgresql://u@/main?host=/run/pg')).toEqual([['/run/pg', undefined, false]]);
  expect(wantsPrimary('postgresql://one,two/main?target_session_attrs=read-write')).toBe(true);
  expect(wantsPrimary('postgresql://one,two/main?target_session_attrs=any')).toBe(false);
});
