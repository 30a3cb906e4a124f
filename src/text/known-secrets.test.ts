import { inspect } from 'node:util';
import { expect, test } from '@playwright/test';
import fc from 'fast-check';
import { hideKnown, rememberEnvironment, rememberUrl } from './known-secrets.ts';

const hide = (text: string) => hideKnown(text, '***');

test('a secret is found however it is encoded', () => {
  const encodings: readonly ((secret: string) => string)[] = [
    (secret) => secret,
    encodeURIComponent,
    (secret) => new URLSearchParams({ x: secret }).toString().slice(2),
    (secret) => JSON.stringify(secret).slice(1, -1),
    (secret) => JSON.stringify(JSON.stringify(secret)).slice(3, -3),
    (secret) => inspect(secret).slice(1, -1),
    (secret) => secret.replaceAll("'", "''"),
    (secret) => secret.replace(/[\\']/g, '\\$&'),
    (secret) => Buffer.from(secret).toString('base64'),
    (secret) => Buffer.from(`an app:${secret}`).toString('base64'),
    (secret) => Buffer.from(`an app:${secret}`).toString('base64url'),
  ];
  const secret = fc
    .string({ unit: fc.constantFrom(...`aZ09'"\`\\ :;,@/?#&%=+*$(){}[]<>|!~-_.é東`), minLength: 6, maxLength: 40 })
    .map((text) => `${text}!7`);
  fc.assert(
    fc.property(secret, fc.constantFrom(...encodings), (text, encode) => {
      rememberUrl(`postgres://an%20app:${encodeURIComponent(text)}@h/d`);
      const encoded = encode(text);
      expect(hide(`< ${encoded} >`)).toMatch(/^< \*\*\*={0,2} >$/);
    }),
    { numRuns: 300 },
  );
});

test('of an environment, what is named like a secret is one, and a password in a URL', () => {
  rememberEnvironment({
    PGUSER: 'app',
    PGPASSWORD: 'p1',
    SESSION_SECRET: 'tr0ub4dor',
    STRIPE_KEY: 'rk_0123456789abcdef',
    REDIS_URL: 'redis://:r3dis-pass@h',
    DSN: 'postgres://a@h/d?sslmode=require&password=p%40rameter',
    TLS_PRIVATE_KEY: '-----BEGIN-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQEFAASC\n-----END-----',
    STACK_KEY: 'stk_0123456789_0',
    PLAYWRIGHT_STACKS_KEY: '0123456789',
    PARTITION_KEY: 'tenant_id',
    TOKEN_ISSUER: 'http://localhost:24113',
    PASSWORD: 'postgres',
    DB_PASSWORD: '123456',
  });
  expect(hide('tr0ub4dor rk_0123456789abcdef r3dis-pass p%40rameter p@rameter hkiG9w0BAQEFAASC')).toBe(
    '*** *** *** *** *** ***',
  );
  expect(hide(Buffer.from('app:p1').toString('base64'))).toBe('***');
  const others = 'p1 postgres 123456 stk_0123456789_0 0123456789 tenant_id http://localhost:24113';
  expect(hide(others)).toBe(others);
});
