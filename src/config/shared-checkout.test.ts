import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { ResolvedStacks } from './resolved.ts';
import { refuseSharedCheckout, sharedBuilds } from './shared-checkout.ts';

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'shared-checkout-'));
});
test.afterEach(() => rmSync(folder, { recursive: true }));

const check = (command: string, workers: number, copy: readonly unknown[] = [], workspace?: object) => {
  const server = { option: 'server', command, cwd: folder, env: {}, copy };
  const variants = new Map([['default', { servers: [server], workspace }]]);
  return () => refuseSharedCheckout({ variants } as unknown as ResolvedStacks, workers);
};

test('`next dev` for several workers is refused, also behind an npm script', () => {
  writeFileSync(
    join(folder, 'package.json'),
    '{ "scripts": { "dev": "NODE_ENV=x next dev --turbo", "start": "next start" } }',
  );
  for (const command of [
    'next dev -p {port}',
    'npx next -p {port}',
    'node_modules/.bin/next',
    'cross-env A=1 next',
    'npx next web -p {port}',
    'npm run dev',
  ]) {
    expect(check(command, 2), command).toThrow(
      '`server.command` runs `next dev`, of which one folder has only one at a time, and 2 workers need 2.',
    );
    expect(check(command, 1)).not.toThrow();
    expect(check(command, 2, [{ path: '.next', reset: 'never' }])).not.toThrow();
    expect(check(command, 2, [], {})).not.toThrow();
  }
  for (const command of ['next start', 'npm start', 'node next.js', 'next build && next start']) {
    expect(check(command, 2), command).not.toThrow();
  }
});

test('a folder, service, package or another folder’s script that is called so is none', () => {
  writeFileSync(join(folder, 'package.json'), '{ "scripts": { "dev": "next dev" } }');
  for (const command of [
    'cd apps/next && npm start',
    'cd next; npm start',
    'npm start --prefix apps/next',
    'docker compose up next',
    'turbo run serve --filter next',
    'pnpm --dir packages/next -s start',
    'npm run dev -w api',
    'npm run dev --workspace=api',
  ]) {
    expect(check(command, 2), command).not.toThrow();
  }
  expect(check('npm run dev -- -w 4', 2)).toThrow();
});

test('`next start` of several workers in one folder, and one that nothing builds, are found', () => {
  writeFileSync(
    join(folder, 'package.json'),
    '{ "scripts": { "start": "next start", "both": "next build && next start" } }',
  );
  const found = (command: string, workers: number, { copy = [] as unknown[], isBuilt = true } = {}) => {
    const server = { name: 'web', option: 'server', command, cwd: folder, env: {}, copy };
    const variants = new Map([['default', { servers: [server] }]]);
    return sharedBuilds({ variants, build: isBuilt ? {} : undefined } as unknown as ResolvedStacks, workers);
  };
  const copy = [{ path: '.next', reset: 'never' }];
  const web = { server: 'web', isShared: false, isUnbuilt: false };
  expect(found('npm start', 2)).toEqual([{ ...web, isShared: true }]);
  expect(found('npx next start -p {port}', 2, { copy, isBuilt: false })).toEqual([{ ...web, isUnbuilt: true }]);
  expect(found('npm run both', 2, { isBuilt: false })).toEqual([{ ...web, isShared: true }]);
  expect(found('npm start', 1)).toEqual([]);
  expect(found('npm start', 2, { copy })).toEqual([]);
  expect(found('node server.js', 2, { isBuilt: false })).toEqual([]);
});

test('Vite that locks its folder is refused for several workers, with the command that does not', () => {
  const scripts = '{ "scripts": { "dev": "vite --host", "preview": "vite build && vite preview" } }';
  writeFileSync(join(folder, 'package.json'), scripts);
  const cli = join(folder, 'node_modules/vite/dist/node/cli.js');
  mkdirSync(dirname(cli), { recursive: true });
  writeFileSync(cli, 'a version without a lock');
  expect(check('vite', 2)).not.toThrow();
  writeFileSync(cli, 'cli.option("--bypass-lock")');
  for (const [command, unlocked] of [
    ['vite --port {port}', 'vite --port {port} --bypass-lock'],
    ['npx vite preview', 'npx vite preview --bypass-lock'],
    ['npm run dev', 'npm run dev -- --bypass-lock'],
    ['npm run preview -- --port {port}', 'npm run preview -- --port {port} --bypass-lock'],
  ] as const) {
    expect(check(command, 2), command).toThrow(
      `\`server.command\` runs Vite, which locks its folder, and 2 workers need 2. Use: command: '${unlocked}'`,
    );
    expect(check(unlocked, 2), unlocked).not.toThrow();
    expect(check(command, 1)).not.toThrow();
    expect(check(command, 2, [], {})).not.toThrow();
  }
  for (const command of ['vite build', 'vitest', 'cd vite && npm start', 'node vite.js', 'npm start -w vite']) {
    expect(check(command, 2), command).not.toThrow();
  }
});

test('Astro that locks its folder is refused, too; what would end the server of another slot is left out', () => {
  const scripts = '{ "scripts": { "dev": "astro dev", "forced": "astro dev --force --host" } }';
  writeFileSync(join(folder, 'package.json'), scripts);
  const cli = join(folder, 'node_modules/astro/dist/cli/dev/index.js');
  mkdirSync(dirname(cli), { recursive: true });
  writeFileSync(cli, 'a version without a lock');
  expect(check('astro dev', 2)).not.toThrow();
  writeFileSync(cli, '["--ignore-lock"]');
  for (const [command, unlocked] of [
    ['astro dev --port {port}', 'astro dev --port {port} --ignore-lock'],
    ['npx astro preview', 'npx astro preview --ignore-lock'],
    ['npm run dev -- --port {port}', 'npm run dev -- --port {port} --ignore-lock'],
    ['astro dev --force --port {port}', 'astro dev --port {port} --ignore-lock'],
    ['npm run forced', 'npx astro dev --host --ignore-lock'],
  ] as const) {
    expect(check(command, 2), command).toThrow(
      `\`server.command\` runs Astro, which locks its folder, and 2 workers need 2. Use: command: '${unlocked}'`,
    );
    expect(check(unlocked, 2), unlocked).not.toThrow();
    expect(check(command, 1)).not.toThrow();
  }
  for (const command of ['astro build', 'astro dev stop', 'node dist/server/entry.mjs', 'cd astro && npm start']) {
    expect(check(command, 2), command).not.toThrow();
  }
});

test('the lock is found with the folder as an argument, with forwarded arguments, and in a workspace', () => {
  const scripts = '{ "scripts": { "web": "vite web", "rooted": "astro --root web dev", "dev": "vite" } }';
  for (const at of ['package.json', 'web/package.json']) {
    mkdirSync(dirname(join(folder, at)), { recursive: true });
    writeFileSync(join(folder, at), scripts);
  }
  for (const cli of ['web/node_modules/vite/dist/node/cli.js', 'node_modules/astro/dist/cli/dev/index.js']) {
    mkdirSync(dirname(join(folder, cli)), { recursive: true });
    writeFileSync(join(folder, cli), '--bypass-lock --ignore-lock');
  }
  for (const [command, unlocked] of [
    ['npm run web -- --port {port}', 'npm run web -- --port {port} --bypass-lock'],
    ['npx vite ./web --port {port}', 'npx vite ./web --port {port} --bypass-lock'],
    ['cd web && npx vite', 'cd web && npx vite --bypass-lock'],
    ['npm run dev -w web', 'npm run dev -w web -- --bypass-lock'],
    ['npm run rooted -- --port {port}', 'npm run rooted -- --port {port} --ignore-lock'],
  ] as const) {
    expect(check(command, 2), command).toThrow(`and 2 workers need 2. Use: command: '${unlocked}'`);
    expect(check(unlocked, 2), unlocked).not.toThrow();
  }
  for (const command of ['vite build web && npx serve web/dist', 'npm run build -w web', 'npm start --prefix web']) {
    expect(check(command, 2), command).not.toThrow();
  }
});
