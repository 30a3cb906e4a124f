import { expect, test } from '@playwright/test';
import { PROGRAMS, program } from '../../fixtures/programs/programs.ts';
import { childEnv } from './child-env.ts';
import { keepTail } from './output.ts';
import { type ProcessGroup, spawnGroup } from './process-group.ts';
import { listProcesses } from './processes.ts';

const POLITE = { signal: 'SIGTERM', timeout: 10_000 } as const;
const IMPATIENT = { signal: 'SIGTERM', timeout: 200 } as const;

interface Started {
  readonly group: ProcessGroup;
  readonly tail: () => string[];
}

async function start(command: string): Promise<Started> {
  const output = keepTail();
  const group = await spawnGroup({ command, cwd: PROGRAMS, env: childEnv({ PORT: '0' }), onOutput: output.push });
  return { group, tail: output.lines };
}

async function grandchildOf({ tail }: Started): Promise<number> {
  await expect.poll(() => tail().join(), { timeout: 20_000 }).toContain('grandchild');
  return Number(/grandchild (\d+)/.exec(tail().join())?.[1]);
}

const runs = (pid: number): boolean => listProcesses().some((entry) => entry.pid === pid);

test('a group that obeys ends politely, with all that it started', async () => {
  const started = await start(program('spawns-grandchild'));
  const grandchild = await grandchildOf(started);
  expect(runs(grandchild)).toBe(true);
  expect(await started.group.end(POLITE)).toBe('polite');
  expect(runs(grandchild)).toBe(false);
  expect(started.group.isAlive()).toBe(false);
});

test('a grandchild in a session of its own is ended too', async () => {
  const started = await start(program('spawns-grandchild', 'detached'));
  const grandchild = await grandchildOf(started);
  expect(await started.group.end(POLITE)).toBe('polite');
  expect(runs(grandchild)).toBe(false);
});

test('a group that ignores the signal is ended by force, and the result says so', async () => {
  const started = await start(`echo up; trap '' TERM; while :; do sleep 0.1; done`);
  await expect.poll(started.tail).toContain('up');
  expect(await started.group.end(IMPATIENT)).toBe('forced');
  expect(await started.group.exited).toEqual({ code: undefined, signal: 'SIGKILL' });
});

test('what a shell left in the background is ended after the shell', async () => {
  const started = await start('sleep 300 & echo $!');
  expect(await started.group.exited).toEqual({ code: 0, signal: undefined });
  await started.group.drained;
  const background = Number(started.tail()[0]);
  expect(started.group.isAlive()).toBe(true);
  expect(await started.group.end(POLITE)).toBe('polite');
  expect(runs(background)).toBe(false);
});

test('a group that has ended by itself is not signalled', async () => {
  const started = await start('exit 4');
  expect(await started.group.exited).toEqual({ code: 4, signal: undefined });
  expect(await started.group.end(POLITE)).toBe('gone');
});

test('a folder that does not exist is named', async () => {
  const options = { command: 'true', cwd: '/no/such/folder', env: {}, onOutput: () => {} };
  await expect(spawnGroup(options)).rejects.toThrow('there is no folder /no/such/folder');
});
