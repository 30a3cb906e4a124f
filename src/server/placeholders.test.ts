import { expect, test } from '@playwright/test';
import { fillPlaceholders } from './placeholders.ts';

const values = {
  name: 'web',
  ports: { web: 4000, api: 4001 },
  urls: { web: 'https://localhost:5000', api: 'http://localhost:5001' },
};

test('{port} is the port of the server itself, {port:name} that of another', () => {
  expect(fillPlaceholders('serve -p {port} --api :{port:api}/{port}', 'server.command', values)).toBe(
    'serve -p 4000 --api :4001/4000',
  );
});

test('{url} is the origin of the server itself, {url:name} that of another', () => {
  expect(fillPlaceholders('{url}/login {url:api}', 'server.env.LINK', values)).toBe(
    'https://localhost:5000/login http://localhost:5001',
  );
});

test('other braces are left alone', () => {
  const text = `echo '{"port": 1}' \${PORT} {ports} {Port} \${url} %{url} {urls}`;
  expect(fillPlaceholders(text, 'server.command', values)).toBe(text);
});

test('an unknown name gets an error with the option and the known names', () => {
  expect(() => fillPlaceholders('{port:apii}', 'server.env.API', values)).toThrow(
    [
      'OPTIONS_INVALID: server.env.API names a server that does not exist: {port:apii}.',
      '  known names  web, api',
      '  hint: write {port} for the port of the server itself, {port:name} for that of another one in `server`.',
    ].join('\n'),
  );
  expect(() => fillPlaceholders('{url:apii}', 'server.env.API', values)).toThrow('{url:name} for that of another one');
  expect(() => fillPlaceholders('{port:constructor}', 'server.url', values)).toThrow('OPTIONS_INVALID');
});
