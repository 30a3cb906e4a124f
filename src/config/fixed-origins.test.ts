import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { fixedOriginText, refuseFixedOrigins } from './fixed-origins.ts';
import type { ServerOptions, StacksOptions } from './options.ts';
import { parseOptions } from './parse.ts';
import { resolveOptions } from './resolve.ts';
import type { FixedOrigin } from './resolved.ts';

let root: string;
test.beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'fixed-origins-'));
  write({ '.git': '' });
});
test.afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string>>): void {
  for (const [file, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), text);
  }
}

const api = { name: 'api', command: 'npm run api', url: '/api/health' };
/** The developer's, whose ports are known by them. */
const webServer = [
  { command: 'npm run migrate && npm run api', url: 'http://localhost:4000/api/health' },
  { command: 'npm run web', url: 'http://localhost:5173' },
];

/** What is found where `web` stands beside the API. */
function origins(web: Partial<ServerOptions>, options: StacksOptions = {}, beside: unknown = webServer): FixedOrigin[] {
  const server = [{ name: 'web', url: '/', ...web } as ServerOptions, api];
  const asked = Object.keys(options.variants ?? { default: {} }).map((name) => ({ path: 'use.stack', name }));
  const parsed = parseOptions({ server, ...options }, beside, asked);
  const resolved = resolveOptions(parsed, join(root, 'playwright.config.ts'));
  return [...resolved.fixedOrigins];
}

/** A line each. */
function found(...args: Parameters<typeof origins>): string[] {
  return origins(...args).map(fixedOriginText);
}

/** Whether each ends the run. */
function errors(...args: Parameters<typeof origins>): boolean[] {
  return origins(...args).map(({ isSure }) => isSure);
}

const SET = `in server "web": env: { API_URL: '{url:api}' }`;
const NAMED = `names http://localhost:4000, your development server. Write process.env.API_URL ?? 'http://localhost:4000' there, and ${SET}`;

test('a proxy of Vite’s that names the development API is found, in whatever folder the command serves', () => {
  const config = `export default {\n  server: { port: 5173, proxy: { '/api': 'http://localhost:4000' } },\n};\n`;
  write({
    'package.json': '{ "scripts": { "web": "vite web", "inner": "cd web && vite", "all": "turbo run dev" } }',
    'web/package.json': '{ "scripts": { "dev": "vite --host" } }',
    'web/vite.config.js': config,
  });
  for (const command of [
    'npm run web -- --port {port}',
    'npm run inner',
    'npx vite --config web/vite.config.js',
    'npm run dev -w web',
    'npm --prefix web run dev',
    'pnpm --filter @shop/web dev',
  ]) {
    expect(found({ command }), command).toEqual([`web/vite.config.js:2 ${NAMED}`]);
  }
  expect(found({ command: 'npm run dev', cwd: 'web' })).toEqual([`web/vite.config.js:2 ${NAMED}`]);
  // Built files are served by others, which read no config of Vite's; and without a port of development nothing is known.
  expect(found({ command: 'vite build web && npx serve web/dist' })).toEqual([]);
  expect(found({ command: 'npm run web' }, {}, null)).toEqual([]);
});

test('a literal that is the fallback of a variable is right where the server sets it', () => {
  for (const fallback of [
    `process.env.API_URL ?? 'http://localhost:4000'`,
    `process.env.API_URL ||\n 'http://localhost:4000'`,
    `process.env.API_URL ? process.env.API_URL : 'http://localhost:4000'`,
    `env['API_URL'] || 'http://localhost:4000'`,
  ]) {
    write({ 'vite.config.ts': `export default { server: { proxy: { '/api': { target: ${fallback} } } } };` });
    const line = fallback.includes('\n') ? 2 : 1;
    expect(found({ command: 'npx vite' }), fallback).toEqual([
      `vite.config.ts:${line} falls back to http://localhost:4000, your development server, as nothing sets API_URL. Write ${SET}`,
    ]);
    expect(found({ command: 'npx vite', env: { API_URL: '{url:api}' } })).toEqual([]);
    expect(found({ command: 'npx vite', env: () => ({}) })).toEqual([]);
    expect(found({ command: 'API_URL={url:api} npx vite' })).toEqual([]);
  }
  write({ 'vite.config.ts': `const { API_URL = 'http://localhost:4000' } = process.env;\n` });
  expect(found({ command: 'npx vite', env: { API_URL: '{url:api}' } })).toEqual([]);
  write({
    'vite.config.ts': `const api = process.env.API_URL;\nexport default { target: api ?? 'http://localhost:4000' };`,
  });
  expect(found({ command: 'npx vite', env: { API_URL: '{url:api}' } })).toEqual([]);
  // Of a `.env` file: another value is used, the developer's own is not right.
  write({
    'vite.config.ts': `export default { target: env.API_URL ?? 'http://localhost:4000' };`,
    '.env': 'API_URL=/api',
  });
  expect(found({ command: 'npx vite' })).toEqual([]);
  write({ '.env': 'API_URL=http://localhost:4000' });
  expect(found({ command: 'npx vite' })).toHaveLength(1);
});

test('the usual files of other front ends are searched, each where its tool serves', () => {
  const cases: readonly (readonly [string, string, string, string])[] = [
    [
      'next.config.mjs',
      `rewrites: () => [{ source: '/api/:path*', destination: 'http://localhost:4000/:path*' }],`,
      'next dev -p {port}',
      "process.env.API_URL ?? 'http://localhost:4000'}/:path*` there",
    ],
    ['nuxt.config.ts', `routeRules: { '/api/**': { proxy: "http://127.0.0.1:4000" } },`, 'nuxt dev', 'there'],
    ['astro.config.mjs', `vite: { server: { proxy: { '/api': 'http://localhost:4000' } } },`, 'astro dev', 'there'],
    ['vue.config.js', `devServer: { proxy: 'http://localhost:4000' }`, 'vue-cli-service serve', 'there'],
    ['webpack.dev.js', `proxy: [{ context: ['/api'], target: 'http://localhost:4000' }]`, 'webpack serve', 'there'],
    ['src/setupProxy.js', `createProxyMiddleware({ target: 'http://localhost:4000' })`, 'react-scripts start', 'there'],
    ['package.json', `{ "proxy": "http://localhost:4000" }`, 'react-scripts start', 'Write it in src/setupProxy.js'],
    [
      'src/proxy.conf.json',
      `{ "/api": { "target": "http://localhost:4000" } }`,
      'ng serve',
      'Write it in proxy.conf.mjs',
    ],
    [
      'vite.config.ts',
      `proxy: { '/ws': 'ws://localhost:4000' }`,
      'vite',
      `env: { API_URL: 'ws://localhost:{port:api}' }`,
    ],
  ];
  for (const [file, text, command, said] of cases) {
    write({ [file]: text });
    expect(found({ command }), file).toEqual([expect.stringContaining(`${file}:1 names `)]);
    expect(found({ command })[0], file).toContain(said);
    expect(errors({ command }), file).toEqual([true]);
    expect(found({ command: 'node server.js' }), file).toEqual([]);
    rmSync(join(root, file));
  }
});

test('what names no back end is left alone', () => {
  for (const text of [
    `// proxy: 'http://localhost:4000'`,
    `proxy: { '/api': 'http://localhost:9999' }`,
    `allowedDevOrigins: ['http://localhost:4000']`,
    `cors: { origin: ['http://localhost:3000', 'http://localhost:4000'] }`,
    `headers: [{ key: 'Content-Security-Policy', value: "connect-src 'self' http://localhost:4000" }]`,
    `server: { origin: 'http://localhost:5173', port: 4000 }`,
    `hmr: { target: 'http://localhost:5173' }`,
  ]) {
    write({ 'vite.config.ts': text });
    expect(found({ command: 'npx vite' }), text).toEqual([]);
  }
});

const SET_RIGHT = { command: 'npx vite', env: { API_URL: '{url:api}' } };

test('a literal beside a variable that names the slot’s server is right, in whatever way the variable is read', () => {
  for (const text of [
    `process.env.API_URL ??= 'http://localhost:4000';\nexport default { proxy: { '/api': process.env.API_URL } };`,
    `process.env.API_URL ||= 'http://localhost:4000';`,
    `const { API_URL: api = 'http://localhost:4000' } = process.env;`,
    `export default { server: { proxy: { '/api': { target: env('API_URL', 'http://localhost:4000') } } } };`,
    `export default { target: process.env.API_URL || (docker ? 'http://api:3000' : 'http://localhost:4000') };`,
    `let target = 'http://localhost:4000';\nif (process.env.API_URL) target = process.env.API_URL;`,
    `import { env } from './env.js';\nexport default { target: env.api ?? 'http://localhost:4000' };`,
  ]) {
    write({ 'vite.config.ts': text, 'env.ts': 'export const env = { api: process.env.API_URL };' });
    expect(found(SET_RIGHT), text).toEqual([]);
    expect(found({ command: 'API_URL={url:api} npx vite' }), text).toEqual([]);
    // Where it is not set, it is told at least.
    expect(found({ command: 'npx vite' }), text).toHaveLength(1);
  }
  // A variable of another meaning does not make it right, nor certain; nor does one that is not for this proxy.
  write({ 'vite.config.ts': `export default { base: process.env.BASE, proxy: { '/api': 'http://localhost:4000' } };` });
  expect(errors({ command: 'npx vite' })).toEqual([true]);
  expect(errors({ command: 'npx vite', env: { BASE: '/e2e' } })).toEqual([false]);
  write({ 'vite.config.ts': `export default { x: process.env.API_URL, proxy: { '/ws': 'ws://localhost:4000' } };` });
  expect(errors(SET_RIGHT)).toEqual([false]);
});

test('only a proxy ends the run', () => {
  for (const text of [
    `export default { define: { API: 'http://localhost:4000' } };`,
    `const api = 'http://localhost:4000';\nexport default { server: { proxy: { '/api': api } } };`,
    `export default { build: { target: 'es2022' }, define: { API: 'http://localhost:4000' } };`,
    `const proxy = process.env.NODE_ENV === 'development' ? { '/api': 'http://localhost:4000' } : {};`,
  ]) {
    write({ 'vite.config.ts': text });
    expect(errors({ command: 'npx vite' }), text).toEqual([false]);
  }
  for (const text of [
    `export default { proxy: {}, test: { environmentOptions: { jsdom: { url: 'http://localhost:4000' } } } };`,
    `console.log('proxy: open http://localhost:4000', 'http://localhost:4000');`,
    `headers: [{ key: 'Access-Control-Allow-Origin', value: 'http://localhost:4000' }]`,
  ]) {
    write({ 'vite.config.ts': text });
    expect(found({ command: 'npx vite' }), text).toEqual([]);
  }
  rmSync(join(root, 'vite.config.ts'));
  const phases = `export default (phase) => phase === PHASE_DEVELOPMENT_SERVER ? { rewrites: () => [{ source: '/api', destination: 'http://localhost:4000' }] } : {};`;
  write({ 'next.config.mjs': phases });
  expect(errors({ command: 'npx next start -p {port}' })).toEqual([false]);
});

test('a command that may read no such config does not end the run', () => {
  const scripts = '"scripts": { "both": "concurrently \\"vite\\" \\"node x.js\\"", "dev": "vite dev" }';
  write({
    'package.json': `{ ${scripts} }`,
    'vite.config.ts': `export default { server: { proxy: { '/api': 'http://localhost:4000' } } };`,
    'server.mjs': `import { createServer } from 'vite';`,
  });
  for (const command of [
    'npx react-router-serve build/server.js',
    'npx remix-serve build/server.js',
    'react-router build && node build/server.js',
    'npx vite-node server.ts',
    'npx turbo run start',
    'npm run both',
    'node server.mjs',
  ]) {
    expect(errors({ command }), command).toEqual([false]);
  }
  for (const command of ['npm run dev', 'npx vite preview', 'npx react-router dev', 'vite']) {
    expect(errors({ command }), command).toEqual([true]);
  }
});

test('a server’s own address is no other’s, also a variant’s, and one that nothing stands for is no error', () => {
  write({ 'vite.config.ts': `export default { server: { proxy: { '/': 'http://localhost:5173' } } };` });
  const variants = { admin: { server: [{ name: 'backstage', command: 'npx vite' }] } };
  expect(found({ command: 'npx vite' }, { variants })).toEqual([]);
  const beside = ['docs', 'books', 'web'].map((name, at) => {
    return { command: `npm run ${name}`, url: `http://localhost:${5172 + at}` };
  });
  expect(found({}, { server: { command: 'npx vite' } }, beside)).toEqual([]);
});

test('the port of Postgres is no development server’s', () => {
  const beside = [{ name: 'web', command: 'docker compose up', port: 5432 }];
  const server = { name: 'web', command: 'npm start' };
  const parsed = parseOptions({ server, database: { url: 'postgres://me@localhost/app' } }, beside, []);
  expect([...resolveOptions(parsed, join(root, 'playwright.config.ts')).developmentServers]).toEqual([]);
});

test('all are one error, with the option that allows them', () => {
  expect(() => refuseFixedOrigins([])).not.toThrow();
  const one = {
    where: 'vite.config.ts:1',
    what: 'names http://localhost:4000',
    todo: 'write a variable there',
    isSure: true,
  };
  expect(() => refuseFixedOrigins([one])).toThrow(
    `DEVELOPMENT_ORIGIN: slots would reach the development server, and not their own: it is written in a file of the project.
  vite.config.ts:1 names http://localhost:4000. Write a variable there
  hint: where it is meant: developmentOrigin: 'warn', or 'allow', in the options of withStacks().`,
  );
});
