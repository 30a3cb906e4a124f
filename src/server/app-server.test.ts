import { readFileSync } from 'node:fs';
import { expect } from '@playwright/test';
import { test } from '../../fixtures/programs/bench.ts';
import { program } from '../../fixtures/programs/programs.ts';
import { portsOf } from '../process/listeners.ts';
import { trackMembers } from '../process/members.ts';
import { reservePort } from '../process/ports.ts';

const textAt = (port: number): Promise<string> => fetch(`http://localhost:${port}/`).then((answer) => answer.text());

test('a server is ready when its URL answers, and gone after stop()', async ({ bench }) => {
  const server = await bench.start(program('serves'));
  expect(await textAt(bench.port)).toBe('ok');
  expect(server).toMatchObject({ name: 'web', port: bench.port, logFile: bench.logFile, captured: {} });
  expect(server.isAlive()).toBe(true);
  expect(portsOf(trackMembers(server.pid)())).toEqual([bench.port]);

  expect(await Promise.all([server.stop(), server.stop()])).toEqual(['polite', 'polite']);
  expect(await server.exited).toMatchObject({ how: 'stopped' });
  expect(server.isAlive()).toBe(false);
  expect(bench.left()).toEqual([]);
});

test('without a URL its port is probed', async ({ bench }) => {
  await bench.start(program('serves'), { url: undefined });
  expect(await textAt(bench.port)).toBe('ok');
});

test('the serving may be left to a process in a session of its own', async ({ bench }) => {
  const server = await bench.start(`${program('grandchild-serves')} && sleep 300`);
  expect(portsOf(trackMembers(server.pid)())).toEqual([bench.port]);
});

test('a server that ignores SIGTERM is killed, and the report says so', async ({ bench }) => {
  const server = await bench.start(program('ignores-sigterm'), {
    gracefulShutdown: { signal: 'SIGTERM', timeout: 200 },
  });
  expect(await server.stop()).toBe('forced');
  expect(await server.exited).toMatchObject({ how: 'killed' });
});

test('a detached process that outlives a crash is ended by stop()', async ({ bench }) => {
  const server = await bench.start(program('spawns-grandchild', 'detached'));
  process.kill(-server.pid, 'SIGKILL');
  expect(await server.exited).toMatchObject({ how: 'crashed' });
  await expect.poll(() => bench.left()).toHaveLength(1); // the server itself dies when it is its turn
  expect(await server.stop()).toBe('polite');
  expect(bench.left()).toEqual([]);
});

test('a server that ends by itself has crashed, also when stop() follows', async ({ bench }) => {
  const server = await bench.start(`${program('serves')}; exit 3`); // the shell has a child
  process.kill(-server.pid, 'SIGKILL');
  expect(await server.exited).toEqual({ how: 'crashed', code: undefined, signal: 'SIGKILL' });
  expect(server.isAlive()).toBe(false);
  await expect.poll(() => bench.left()).toEqual([]); // what it had started dies when it is its turn
  expect(await server.stop()).toBe('gone');
});

test('a port can be used again at once, and the log goes on', async ({ bench }) => {
  await (await bench.start(program('serves'))).stop();
  await (await bench.start(program('serves'))).stop();
  expect(readFileSync(bench.logFile, 'utf8')).toMatch(/^serving\n---- started again at .* ----\nserving\n$/);
});

test('the environment is ours over the runner’s over Playwright’s defaults', async ({ bench }) => {
  const names = ['PLAYWRIGHT_STACKS_RUN', 'FORCE_COLOR', 'BROWSER'] as const;
  const before = names.map((name) => process.env[name]);
  Object.assign(process.env, { PLAYWRIGHT_STACKS_RUN: 'outer', FORCE_COLOR: '0' });
  delete process.env.BROWSER;
  const print = 'echo "run=$PLAYWRIGHT_STACKS_RUN color=$FORCE_COLOR browser=$BROWSER own=$OWN"';
  await bench.start(`${print}; ${program('serves')}`, { env: { PORT: String(bench.port), OWN: 'x' } });
  for (const [index, name] of names.entries()) {
    if (before[index] === undefined) delete process.env[name];
    else process.env[name] = before[index];
  }
  await expect.poll(() => readFileSync(bench.logFile, 'utf8')).toContain('run= color=0 browser=none own=x\n');
});

test('output goes to the terminal line by line where it is asked for', async ({ bench }) => {
  const written: string[] = [];
  const original = process.stdout.write;
  process.stdout.write = ((text: string) => written.push(text) > 0) as typeof process.stdout.write;
  try {
    await (await bench.start(`echo error >&2; ${program('serves')}`, { stdout: 'pipe' })).stop();
  } finally {
    process.stdout.write = original;
  }
  expect(written.filter((text) => text.startsWith('[web'))).toEqual(['[web 2] serving\n']);
});

test('output that was waited for makes it ready, and its named groups are captured', async ({ bench }) => {
  const server = await bench.start(program('prints-then-listens'), {
    url: undefined,
    wait: { stdout: /listening on port (?<my_port>\d+)(?<rest>x)?/i, stderr: undefined },
  });
  expect(server.captured).toEqual({ MY_PORT: String(bench.port) });
});

test('with a URL and awaited output both must come', async ({ bench }) => {
  await bench.start(program('prints-then-listens'), { wait: { stdout: /Listening/, stderr: undefined } });
  expect(await textAt(bench.port)).toBe('ok');
});

test('many servers start at once, each on its own port', async ({ bench }) => {
  const ports = await Promise.all([reservePort(), reservePort(), reservePort()]);
  const servers = await Promise.all(
    ports.map(({ port }) =>
      bench.start(program('serves'), {
        port,
        url: `http://localhost:${port}/`,
        env: { PORT: String(port) },
      }),
    ),
  );
  expect(servers.map(({ pid }) => portsOf(trackMembers(pid)()))).toEqual(ports.map(({ port }) => [port]));
  await Promise.all([...servers.map((server) => server.stop()), ...ports.map(({ release }) => release())]);
});
