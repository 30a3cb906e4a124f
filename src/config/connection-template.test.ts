import { expect, test } from '@playwright/test';
import { type ConnectionParts, fillTemplates, variableTemplates } from './connection-template.ts';

const parts: ConnectionParts = {
  url: 'postgresql://a%20b:p%40s@127.0.0.1:5433/stk_1',
  database: 'stk_1',
  host: '127.0.0.1',
  port: 5433,
  user: 'a b',
  password: 'p@s',
};
const filled = (template: string, other: Partial<ConnectionParts> = {}) =>
  fillTemplates({ IT: template }, { ...parts, ...other }).IT;

test('a name, and each of a list of names, gets the connection string', () => {
  expect(variableTemplates('POSTGRES_URL')).toEqual({ POSTGRES_URL: '{url}' });
  expect(variableTemplates(['POSTGRES_URL', 'DIRECT_URL'])).toEqual({ POSTGRES_URL: '{url}', DIRECT_URL: '{url}' });
});

test('parts are filled in as they are, and percent-encoded where the template is a URL', () => {
  expect(filled('{user}/{password}')).toBe('a b/p@s');
  expect(filled('Host={host};Port={port};Database={database}')).toBe('Host=127.0.0.1;Port=5433;Database=stk_1');
  expect(filled('postgresql+asyncpg://{user}:{password}@{host}:{port}/{database}')).toBe(
    'postgresql+asyncpg://a%20b:p%40s@127.0.0.1:5433/stk_1',
  );
  expect(filled('jdbc:postgresql://{host}/x', { host: '::1' })).toBe('jdbc:postgresql://[::1]/x');
  expect(filled('{host}', { host: '::1' })).toBe('::1');
});

test('parameters are added to those that the connection string has', () => {
  expect(filled('{url}?schema=app')).toBe(`${parts.url}?schema=app`);
  expect(filled('{url}?schema=app', { url: `${parts.url}?sslmode=require` })).toBe(
    `${parts.url}?sslmode=require&schema=app`,
  );
});

test('other braces and constant values are left alone', () => {
  expect(filled('{}{a b}false')).toBe('{}{a b}false');
});
