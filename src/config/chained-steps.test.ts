import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { chainedSteps } from './chained-steps.ts';
import type { ResolvedStacks } from './resolved.ts';

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'chained-steps-'));
});
test.afterEach(() => rmSync(folder, { recursive: true }));

function found(command: string | undefined) {
  const variants = new Map([['default', { servers: [{ name: 'web', command, cwd: folder }] }]]);
  const [first] = chainedSteps({ variants } as unknown as ResolvedStacks);
  return first && [...first.steps.map(({ step, command: text }) => `${step}: ${text}`), first.serves];
}

test('migrations, seeds and builds before a server serves are found, also behind npm scripts', () => {
  const scripts = {
    e2e: 'npm run db:migrate && npm run db:seed && npm run build && npm start',
    prepared: 'npm run setup && npm run serve',
    setup: 'prisma migrate deploy && prisma db seed',
    prestart: 'tsc',
    start: 'node dist/main.js',
    serve: 'vite preview',
  };
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }));
  const all = ['migrate: npm run db:migrate', 'seed: npm run db:seed', 'build: npm run build', 'build: tsc'];
  expect(found(scripts.e2e)).toEqual([...all, 'node dist/main.js']);
  expect(found('npm run e2e -- --port {port}')).toEqual([...all, 'node dist/main.js --port {port}']);
  expect(found('npm run prepared')).toEqual([
    'migrate: prisma migrate deploy',
    'seed: prisma db seed',
    'npm run serve',
  ]);
  expect(found('docker compose up -d; npx knex migrate:latest && npm run serve')).toEqual([
    'migrate: npx knex migrate:latest',
    'docker compose up -d && npm run serve',
  ]);
  expect(found('python manage.py migrate && python manage.py runserver {port}')).toEqual([
    'migrate: python manage.py migrate',
    'python manage.py runserver {port}',
  ]);
});

test('a command that only serves has none', () => {
  writeFileSync(join(folder, 'package.json'), '{ "scripts": { "web": "cd web && vite" } }');
  for (const command of [
    undefined,
    'npm start',
    'npm run web',
    'node migrate-and-serve.js',
    'cd seed && npm start',
    'tsc -w',
  ]) {
    expect(found(command), command).toBeUndefined();
  }
});
