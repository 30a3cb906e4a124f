import { expect, test } from '@playwright/test';
import {
  developmentServers,
  inheritedOrigins,
  originMistakes,
  withDevelopmentPorts,
  withPlaceholders,
} from './development-origins.ts';

const api = { name: 'api', command: 'npm run api', url: 'http://localhost:4000/healthz' };
const web = { command: 'npm start', port: 3000 };
const servers = developmentServers([api, web, { name: 'mail', url: 'http://localhost:8025' }]);

test('an origin of a server that each slot has gets its placeholder, and no other', () => {
  expect(withPlaceholders('http://localhost:4000/graphql,ws://127.0.0.1:3000', servers)).toBe(
    'http://localhost:{port:api}/graphql,ws://127.0.0.1:{port:web2}',
  );
  for (const text of [
    'http://localhost:8025',
    'http://localhost:40000',
    'https://example.org:4000',
    'localhost:4000',
  ]) {
    expect(withPlaceholders(text, servers)).toBe(text);
  }
});

test('an origin in env or command is a mistake, with the edited line', () => {
  const entry = {
    ...web,
    command: 'start --api http://localhost:4000',
    env: { API: 'http://localhost:4000/v1', N: 1 },
  };
  expect(originMistakes('server[1]', entry, servers)).toEqual([
    {
      path: 'server[1].command',
      text: `names a development server, which all slots would reach. Use: command: 'start --api http://localhost:{port:api}'`,
    },
    {
      path: 'server[1].env.API',
      text: `names a development server, which all slots would reach. Use: API: 'http://localhost:{port:api}/v1'`,
    },
  ]);
  expect(originMistakes('server', { url: 'http://localhost:4000' }, servers)).toEqual([]);
});

test('variables that are inherited are found in the environment and in .env files, unless a server sets them', () => {
  const files = [
    { path: '.env', variables: { ORIGIN: 'http://localhost:3000', NEXTAUTH_URL: 'http://localhost:3000' } },
  ];
  const environment = { APP_URL: 'http://localhost:3000/app', API: 'http://localhost:4000', HOME: '/root' };
  expect(inheritedOrigins(environment, files, servers, ['ORIGIN'])).toEqual([
    { variable: 'APP_URL', from: 'environment', value: 'http://localhost:{port:web2}/app' },
    { variable: 'API', from: 'environment', value: 'http://localhost:{port:api}' },
    { variable: 'NEXTAUTH_URL', from: '.env', value: 'http://localhost:{port:web2}' },
  ]);
});

test('beside `server`, the ports of `webServer` count, and are those of the servers that take their places', () => {
  const beside = [
    { command: 'npm run migrate && npm run api', url: 'http://localhost:4000/api/health' },
    { command: 'npm run web', url: 'http://localhost:5173' },
    { name: 'mail', command: 'maildev', port: 1080 },
  ];
  const own = (servers: Parameters<typeof developmentServers>[0]) => [...developmentServers(servers, beside)];
  // By command and by name; the one that is left takes the place that is left.
  expect(
    own([
      { command: 'vite --port {port}' },
      { name: 'mail', command: 'x' },
      { name: 'api', command: 'npm run api -- -q' },
    ]),
  ).toEqual([
    ['4000', 'api'],
    ['5173', 'web'],
    ['1080', 'mail'],
  ]);
  expect(own([{ name: 'api', command: 'node api.js', url: '/api/health' }])).toEqual([
    ['4000', 'api'],
    ['5173', ''],
  ]);
  const servers = [
    { command: 'npm run web' },
    { name: 'api', command: 'npm run api' },
    { url: 'http://localhost:9000' },
  ];
  expect(withDevelopmentPorts(servers, beside).map(({ port }) => port)).toEqual([5173, 4000, undefined]);
  // What all slots share is meant.
  expect(own([{ command: 'npm run web' }, { url: 'http://localhost:4000' }]).map(([port]) => port)).toEqual(['5173']);
  const known = developmentServers([{ name: 'api', command: 'npm run api' }], beside);
  expect(originMistakes('server', { command: 'x', env: { API: 'http://localhost:4000' } }, known)).toHaveLength(1);
});

test('a bare port of `webServer` is no development server, unless a server stands for it', () => {
  const services = [
    { command: 'docker compose up postgres', port: 5432 },
    { command: 'redis-server', port: 6379 },
  ];
  const web = { command: 'npm run dev', url: 'http://localhost:3000' };
  const own = [{ command: 'next start -p {port}' }];
  expect([...developmentServers(own, [...services, web])]).toEqual([['3000', 'web']]);
  expect([...developmentServers(own, services)]).toEqual([]);
  expect([...developmentServers([...own, { name: 'api', command: 'node api.js' }], [web, ...services])]).toEqual([
    ['3000', ''],
  ]);
  // Playwright itself makes it the `baseURL`, or the config names it.
  expect([...developmentServers(own, [{ command: 'npm run dev', port: 3000 }])]).toEqual([['3000', 'web']]);
  expect([...developmentServers(own, services.slice(1), ['http://localhost:3000'])]).toEqual([]);
  const ports = [...services, { command: 'npm run dev', port: 3000 }];
  expect([...developmentServers(own, ports, [undefined, 'http://localhost:3000/app'])]).toEqual([['3000', 'web']]);
});

test('a server stands for the entry that `baseURL` names, and its own address is its own', () => {
  const beside = [
    { command: 'npm run docs', url: 'http://localhost:8000' },
    { command: 'npm run storybook', url: 'http://localhost:6006' },
    { command: 'npm run dev', url: 'http://localhost:3000' },
  ];
  const entry = {
    command: 'next start -p {port}',
    env: { SITE_URL: 'http://localhost:3000', DOCS: 'http://localhost:8000' },
  };
  const mistakes = (baseURLs: readonly unknown[]) =>
    originMistakes('server', entry, developmentServers([entry], beside, baseURLs));
  expect(mistakes(['http://localhost:3000'])).toEqual([
    {
      path: 'server.env.SITE_URL',
      text: `names a development server, which all slots would reach. Use: SITE_URL: 'http://localhost:{port:web}'`,
    },
  ]);
  // Nobody knows which is its own: what was written is left alone, and nothing is advised.
  expect(mistakes([])).toEqual([]);
  expect(inheritedOrigins(entry.env, [], developmentServers([entry], beside), [])).toEqual([]);
  // Two servers with one path are not told apart by it.
  const health = [
    { command: 'npm run api', url: 'http://localhost:4000/healthz' },
    { command: 'npm run dev', url: 'http://localhost:3000/healthz' },
  ];
  const both = [
    { name: 'web', command: 'node web.js', url: '/healthz' },
    { name: 'api', command: 'npm run api -- -q', url: '/healthz' },
  ];
  expect([...developmentServers(both, health)]).toEqual([
    ['4000', 'api'],
    ['3000', 'web'],
  ]);
});
