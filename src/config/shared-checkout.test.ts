import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { ResolvedStacks } from './resolved.ts';
import { refuseSharedCheckout } from './shared-checkout.ts';

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
