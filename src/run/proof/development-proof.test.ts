// A server of a slot that asks the developer's API, which listens all the while and gets nothing that is not told.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, test } from '@playwright/test';
import { Events, type StacksEvent, type TestRef } from '../../events.ts';
import type { StackInfo } from '../../lease/run-file.ts';
import { listProcesses } from '../../process/processes.ts';
import type { AppServer } from '../../server/app-server.ts';
import { poll } from '../../wait.ts';
import type { RunContext } from '../run-context.ts';
import { DevelopmentProof } from './development-proof.ts';
import { DevelopmentWatch, developmentPorts, type Watched } from './development-watch.ts';

const ended: (() => unknown)[] = [];
test.afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});

/** The developer's API. It answers when it is told to; `connection`: whether that is kept open afterwards. */
async function decoy(connection: 'close' | 'keep-alive') {
  const waiting: ServerResponse[] = [];
  const got: string[] = [];
  const server: Server = createServer((request, response) => {
    got.push(request.url ?? '');
    response.setHeader('connection', connection);
    waiting.push(response);
  }).listen(0, '127.0.0.1');
  server.keepAliveTimeout = 60_000;
  await once(server, 'listening');
  ended.push(() => {
    server.closeAllConnections();
    server.close();
  });
  const answer = async () => {
    await poll(() => waiting.length > 0 || undefined, { timeout: 30_000, interval: 10 });
    for (const response of waiting.splice(0)) response.end('of the developer');
  };
  return { port: (server.address() as AddressInfo).port, got, answer };
}

/** A front end with a proxy: it asks `port` for each line that it reads, and says when it has the answer. */
function frontEnd(port: number): { server: AppServer; ask: (path: string) => void; answered: () => Promise<unknown> } {
  const source = `
    process.stdin.setEncoding('utf8').on('data', async (path) => {
      await (await fetch('http://127.0.0.1:${port}' + path.trim())).text();
      process.stdout.write('answered');
    });
  `;
  const child: ChildProcess = spawn(process.execPath, ['-e', source], { stdio: ['pipe', 'pipe', 'inherit'] });
  ended.push(async () => {
    child.kill('SIGKILL');
    await once(child, 'exit');
  });
  const server = { name: 'web', members: () => listProcesses().filter(({ pid }) => pid === child.pid) };
  return {
    server: server as unknown as AppServer,
    ask: (path) => void child.stdin?.write(`${path}\n`),
    answered: () => once(child.stdout ?? child, 'data'),
  };
}

function proofOf(
  server: AppServer,
  port: number,
  mode: 'error' | 'warn',
  servers: Record<string, string>,
  name = 'api',
) {
  const events = new Events();
  const emitted: StacksEvent[] = [];
  events.on((event) => emitted.push(event));
  const development = new DevelopmentWatch([String(port)]);
  const noted: number[] = [];
  const watched: Watched = { servers: () => [server], note: (_, at) => noted.push(at) };
  development.add(watched);
  const config = { developmentOrigin: mode, developmentServers: new Map([[String(port), name]]) };
  const info = { slot: 1, variant: 'default', servers } as unknown as StackInfo;
  const context = { development, config } as unknown as Pick<RunContext, 'development' | 'config'>;
  const proof = new DevelopmentProof(info, context, events, () => [server]);
  ended.push(development.begin());
  return {
    proof,
    emitted,
    isNoted: () => poll(() => noted.length > 0 || undefined, { timeout: 30_000, interval: 10 }),
  };
}

const own = { web: 'http://localhost:24000', api: 'http://localhost:24001' };
const ref = { title: 'adds a note' } as TestRef;

test('a connection that has ended when the test does fails it, and names the line to write; later ones fail with it', async () => {
  const { port, got, answer } = await decoy('close');
  const { server, ask, answered } = frontEnd(port);
  const { proof, emitted, isNoted } = proofOf(server, port, 'error', own);
  expect(proof.look(ref)).toBeUndefined();
  expect(proof.isDone).toBe(false);
  ask('/notes');
  await isNoted();
  await Promise.all([answer(), answered()]);
  expect(proof.look(ref)?.message).toBe(
    `DEVELOPMENT_ORIGIN: server "web" of slot 1 was connected to http://localhost:${port}, the development server; this slot’s is http://localhost:24001.
  hint: where "web" names that address (a proxy in its config), write process.env.API_URL ?? 'http://localhost:${port}', and in its options env: { API_URL: '{url:api}' }. Where it is meant: developmentOrigin: 'allow', or 'warn', in the options of withStacks().`,
  );
  expect(emitted).toMatchObject([
    {
      type: 'development-connected',
      slot: 1,
      server: 'web',
      to: [`http://localhost:${port}`],
      test: ref,
      failed: true,
    },
  ]);
  const later = `DEVELOPMENT_ORIGIN: server "web" was connected to http://localhost:${port}, the development server during an earlier test;`;
  await poll(() => proof.look(ref)?.message.startsWith(later) || undefined, { timeout: 30_000, interval: 10 });
  expect(proof.isDone).toBe(false);
  const told = emitted.length;
  expect(proof.look(ref)?.code).toBe('DEVELOPMENT_ORIGIN');
  expect(emitted).toHaveLength(told);
  expect(got).toEqual(['/notes']);
});

test('a connection that is kept open fails each test at whose end it is there', async () => {
  const { port, answer } = await decoy('keep-alive');
  const { server, ask, answered } = frontEnd(port);
  const { proof, isNoted } = proofOf(server, port, 'error', own);
  ask('/');
  await isNoted();
  await Promise.all([answer(), answered()]);
  expect(proof.look(ref)?.code).toBe('DEVELOPMENT_ORIGIN');
  expect(proof.look(ref)?.code).toBe('DEVELOPMENT_ORIGIN');
});

test('it is only told where that was asked for, and what all slots share is meant', async () => {
  const { port, answer } = await decoy('close');
  const { server, ask, answered } = frontEnd(port);
  const warned = proofOf(server, port, 'warn', own);
  const shared = proofOf(server, port, 'error', { ...own, api: `http://localhost:${port}` });
  ask('/');
  await Promise.all([warned.isNoted(), shared.isNoted()]);
  await Promise.all([answer(), answered()]);
  expect(warned.proof.look(ref)).toBeUndefined();
  expect(warned.emitted).toMatchObject([{ type: 'development-connected', failed: false }]);
  expect(shared.proof.look(ref)).toBeUndefined();
  expect(shared.emitted).toEqual([]);
});

test('of connections that are over within milliseconds one is noticed', async () => {
  const api = createServer((_, response) => {
    setTimeout(() => response.setHeader('connection', 'close').end('of the developer'), 3);
  }).listen(0, '127.0.0.1');
  await once(api, 'listening');
  ended.push(() => api.close());
  const { port } = api.address() as AddressInfo;
  const { server, ask, answered } = frontEnd(port);
  const { proof } = proofOf(server, port, 'error', own);
  await poll(() => !proof.isDone || undefined, { timeout: 30_000, interval: 10 });
  for (let asked = 0; proof.look(undefined) === undefined && asked < 400; asked += 1) {
    ask('/');
    await answered();
  }
  expect(proof.look(ref)?.code).toBe('DEVELOPMENT_ORIGIN');
});

test('others may ask the developer’s server, and where none listens nothing is looked at', async () => {
  const { port, got, answer } = await decoy('close');
  const { server } = frontEnd(port);
  const { proof } = proofOf(server, port, 'error', own);
  const asked = fetch(`http://127.0.0.1:${port}`);
  await poll(() => got.length > 0 || undefined, { timeout: 30_000, interval: 10 });
  expect(proof.look(ref)).toBeUndefined();
  await answer();
  await asked;
  // Nobody listens on port 1.
  expect(proofOf(server, 1, 'error', own).proof.isDone).toBe(true);
});

test('Postgres is no development server, whatever started it', () => {
  const developmentServers = new Map([
    ['3000', 'web'],
    ['5432', ''],
  ]);
  expect(developmentPorts({ developmentOrigin: 'error', developmentServers }, 5432)).toEqual(['3000']);
  expect(developmentPorts({ developmentOrigin: 'allow', developmentServers }, 5432)).toEqual([]);
});

test('of a development server that the slots have none for, it says how they get one', async () => {
  const { port, answer } = await decoy('close');
  const { server, ask, answered } = frontEnd(port);
  const { proof, isNoted } = proofOf(server, port, 'error', { web: own.web }, '');
  ask('/');
  await isNoted();
  await Promise.all([answer(), answered()]);
  expect(proof.look(ref)?.message).toContain(
    `hint: have \`server\` start it for each slot; where all are to share it: { url: 'http://localhost:${port}' } in \`server\`.`,
  );
});
