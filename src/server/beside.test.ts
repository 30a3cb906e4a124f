// What runs beside a server, and the inspector of one: real programs, on a real server.
import { readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from '@playwright/test';
import { type Bench, test } from '../../fixtures/programs/bench.ts';
import { PROGRAMS, program } from '../../fixtures/programs/programs.ts';
import { portsOf } from '../process/listeners.ts';
import { listProcesses, programOf } from '../process/processes.ts';
import { appProcess } from './app-process.ts';
import type { AppServer } from './app-server.ts';
import { type Beside, startBeside } from './beside.ts';
import { inspectorOptions, openInspector } from './inspector.ts';

/** Writes who it was started for when it is asked to end, as a profiler does. */
const PROFILER = `node -e "process.on('SIGINT', () => { require('fs').writeFileSync('{output}.json', JSON.stringify(process.argv.slice(1))); process.exit(1); }); console.log('attached'); setInterval(() => {}, 1000)" {pid} {slot} {port} '{other}' "\${pid}"`;

const outputOf = ({ logFile }: Bench): string => join(dirname(logFile), 'web-beside-1');

function start(bench: Bench, server: AppServer, command: string, gone: string[] = []): Promise<Beside> {
  const ports = { name: 'web', ports: { web: server.port }, urls: {} };
  const env = { PORT: String(bench.port) };
  const spec = {
    title: 'server "web" of slot 2',
    slot: 2,
    cwd: PROGRAMS,
    env,
    ports,
    output: outputOf(bench),
    command,
  };
  return startBeside(spec, server, (_, title) => () => void gone.push(title));
}

test('a profiler gets the application’s process, writes at its end, and what it left is known', async ({ bench }) => {
  const server = await bench.start(`${program('grandchild-serves')} && sleep 300`);
  const gone: string[] = [];
  const beside = await start(bench, server, PROFILER, gone);
  const log = `${outputOf(bench)}.log`;
  await expect.poll(() => readFileSync(log, 'utf8')).toBe('attached\n');
  await beside.end();
  expect(await beside.ended).toEqual({ failure: undefined, files: [`${outputOf(bench)}.json`, log] });
  const [pid, ...rest] = JSON.parse(readFileSync(`${outputOf(bench)}.json`, 'utf8'));
  expect(Number(pid)).toBe(appProcess(server));
  expect(Number(pid)).not.toBe(server.pid);
  expect(rest).toEqual(['2', String(bench.port), '{other}', '']);
  expect(gone).toEqual(['beside server "web" of slot 2']);
  expect(server.isAlive()).toBe(true);
});

test('what runs beside a server ends when that ends by itself, and has not failed', async ({ bench }) => {
  const server = await bench.start(program('serves'));
  const beside = await start(bench, server, `while kill -0 {pid}; do sleep 0.05; done; exit 3`);
  process.kill(-server.pid, 'SIGKILL');
  expect((await beside.ended).failure).toBeUndefined();
});

test('what runs beside a server and fails says why, and one that has done its work does not', async ({ bench }) => {
  const server = await bench.start(program('serves'));
  const done = await start(bench, server, 'echo sampled > "{output}"');
  expect(await done.ended).toEqual({ failure: undefined, files: [outputOf(bench), `${outputOf(bench)}.log`] });
  const failed = await start(bench, server, 'echo no such profiler >&2; exit 3');
  expect((await failed.ended).failure).toBe('it ended with exit code 3:\n  | no such profiler');
  const killed = await start(bench, server, 'kill -9 $$');
  expect((await killed.ended).failure).toBe('it ended with signal SIGKILL:');
  expect(server.isAlive()).toBe(true);
});

test('what a command has left beside a server is ended with it', async ({ bench }) => {
  const server = await bench.start(program('serves'));
  // A shell's background processes ignore SIGINT, which would only cost the wait for SIGKILL.
  const sleep = 'env --default-signal=INT sleep';
  const beside = await start(bench, server, `${sleep} 300 & ${sleep} 301 & exit 0`);
  await beside.ended;
  expect(listProcesses().filter(({ pid }) => /^sleep 30[01]$/.test(programOf(pid)))).toEqual([]);
  await server.stop();
  expect(bench.left()).toEqual([]);
});

test('the inspector is opened in the process that serves, on its port, and in no other', async ({ bench }) => {
  const env = { PORT: String(bench.port), NODE_OPTIONS: inspectorOptions(bench.otherPort, '--no-warnings') };
  const server = await bench.start(`${program('grandchild-serves')} && sleep 300`, { env });
  expect(portsOf(server.members())).toEqual([bench.port]);
  expect(await openInspector(server, bench.otherPort)).toEqual({ address: `127.0.0.1:${bench.otherPort}` });
  const answer = await fetch(`http://127.0.0.1:${bench.otherPort}/json/list`);
  const [target] = (await answer.json()) as { url: string }[];
  expect(basename(target?.url ?? '')).toBe('serves.mjs');
  expect(portsOf(server.members())).toEqual([bench.port, bench.otherPort].sort());
});

test('a server that is no Node process has no inspector, and goes on', async ({ bench }) => {
  const shell = await bench.start(`sleep 300`, { url: undefined, readyBy: 'nothing' });
  expect(await openInspector(shell, bench.otherPort)).toEqual({
    why: expect.stringMatching(/is no Node process \(\w+\)$/),
  });
  expect(shell.isAlive()).toBe(true);
});
