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

const check = (command: string, workers: number, copy: readonly unknown[] = []) => {
  const server = { option: 'server', command, cwd: folder, env: {}, copy };
  const variants = new Map([['default', { servers: [server] }]]);
  return () => refuseSharedCheckout({ variants } as unknown as ResolvedStacks, workers);
};

test('`next dev` for several workers is refused, also behind an npm script', () => {
  writeFileSync(
    join(folder, 'package.json'),
    '{ "scripts": { "dev": "NODE_ENV=x next dev --turbo", "start": "next start" } }',
  );
  for (const command of ['next dev -p {port}', 'npx next -p {port}', 'node_modules/.bin/next', 'npm run dev']) {
    expect(check(command, 2), command).toThrow(
      '`server.command` runs `next dev`, of which one folder has only one at a time, and 2 workers need 2.',
    );
    expect(check(command, 1)).not.toThrow();
    expect(check(command, 2, [{ path: '.next', reset: 'never' }])).not.toThrow();
  }
  for (const command of ['next start', 'npm start', 'node next.js', 'next build && next start']) {
    expect(check(command, 2), command).not.toThrow();
  }
});
