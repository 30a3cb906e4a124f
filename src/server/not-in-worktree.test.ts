import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { AppServerSpec } from './app-server-spec.ts';
import { worktreeHint } from './not-in-worktree.ts';
import { startError } from './server-errors.ts';

let folder: string;
test.beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'not-in-worktree-'));
  for (const each of ['checkout/dist', 'checkout/generated', 'worktree/src']) {
    mkdirSync(join(folder, each), { recursive: true });
  }
  writeFileSync(join(folder, 'checkout/.env'), '');
});
test.afterEach(() => rmSync(folder, { recursive: true }));

test('a server that ends in its worktree is told what the checkout has there, and git has not', () => {
  const cwd = join(folder, 'worktree');
  const spec = { name: 'web', title: 'slot 0', command: 'npm start', cwd, checkout: join(folder, 'checkout') };
  const hint = (output: readonly string[], also: object = {}) =>
    worktreeHint({ ...spec, ...also } as unknown as AppServerSpec, output);
  const output = [`Error: Cannot find module '${cwd}/generated/client.js'`];
  const todo = "workspace: { link: ['node_modules', 'generated', 'dist', '.env'] }";
  expect(hint(output)).toBe(
    `generated, dist, .env are in your checkout, and not in the worktree, as git does not have it: ${todo}, or let \`workspace.setup\` make it (\`npm run build\`).`,
  );
  const start = { spec: spec as unknown as AppServerSpec, pid: 1, watched: 1, ports: [], output, ms: 1 };
  const exit = { code: 1, signal: undefined };
  expect(startError({ kind: 'exited', exit }, start).message).toContain(todo);
  // Without a worktree, or where nothing is missing, the hint is the usual one.
  expect(hint(output, { checkout: undefined })).toBeUndefined();
  for (const each of ['dist', 'generated', '.env']) mkdirSync(join(cwd, each));
  expect(hint(output)).toBeUndefined();
});
