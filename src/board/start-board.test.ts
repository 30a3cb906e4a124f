import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { resolveOptions } from '../config/resolve.ts';
import { Events } from '../events.ts';
import { Lifetime } from '../lifetime.ts';
import { StateStore } from '../state/state-store.ts';
import { ModelStore } from './model-store.ts';
import { startBoard } from './start-board.ts';

test('a port that is taken costs the board and a line, not the run', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await expect.poll(() => taken.listening).toBe(true);
  const { port } = taken.address() as AddressInfo;
  const written: string[] = [];
  const { write } = process.stderr;
  process.stderr.write = (text) => written.push(String(text)) > 0;
  await startBoard(
    new ModelStore(new StateStore(new Events())),
    { port, files: { script: '', style: '' } },
    new Lifetime(),
  );
  process.stderr.write = write;
  expect(written.join('')).toContain(
    `[stacks] no board on port ${port} (\`board.port\`); the run goes on without it: listen EADDRINUSE`,
  );
  taken.close();
});

test('STACKS_BOARD takes precedence over the option, not over its port', () => {
  const boardOf = (option: boolean | { port?: number } | undefined, variable: string) => {
    process.env.STACKS_BOARD = variable;
    const options = option === undefined ? {} : { board: option };
    const parsed = { options, servers: [], adopted: false, asked: ['default'], environment: {} };
    return resolveOptions(parsed as never, '/project/playwright.config.ts').board?.port;
  };
  expect([boardOf(undefined, ''), boardOf(true, ''), boardOf({ port: 4100 }, ''), boardOf({}, '')]).toEqual([
    undefined,
    0,
    4100,
    0,
  ]);
  expect([boardOf(undefined, '1'), boardOf({ port: 4100 }, '1'), boardOf(true, '0')]).toEqual([0, 4100, undefined]);
  delete process.env.STACKS_BOARD;
});
