import { expect, test } from '@playwright/test';
import { type BoundChild, type SpawnOptions, spawnWithParent } from './spawn-with-parent.ts';

/** Spawns it and keeps what it prints. */
function spawn(command: string[], last: SpawnOptions['last'] = 'TERM'): BoundChild & { output(): string } {
  let output = '';
  const onOutput = (chunk: string): void => {
    output += chunk;
  };
  return { ...spawnWithParent(command, { env: {}, last, onOutput }), output: () => output };
}

/** A program that has handlers, as Postgres does: it prints the signal that it got. */
const PRINTS = `
  for (const name of ['SIGQUIT', 'SIGINT', 'SIGTERM']) process.on(name, () => { console.log(name); process.exit(); });
  setInterval(() => {}, 1000);
  console.log('ready');`;

test('its output and its exit code are reported', async () => {
  const child = spawn(['sh', '-c', 'echo out; echo err >&2; exit 7']);
  expect(await child.ended).toEqual({ code: 7, title: 'exit code 7' });
  expect(child.output().split('\n').sort()).toEqual(['', 'err', 'out']);
});

test('letting go sends its last signal', async () => {
  for (const last of ['QUIT', 'TERM'] as const) {
    const child = spawn([process.execPath, '-e', PRINTS], last);
    await expect.poll(child.output).toBe('ready\n');
    child.release();
    await child.ended;
    expect(child.output()).toBe(`ready\nSIG${last}\n`);
  }
});

test('another signal can be sent before', async () => {
  const child = spawn([process.execPath, '-e', PRINTS], 'QUIT');
  await expect.poll(child.output).toBe('ready\n');
  child.signal('INT');
  await child.ended;
  expect(child.output()).toBe('ready\nSIGINT\n');
});

test('a command without handlers ends too', async () => {
  const child = spawn(['sleep', '60']);
  child.release();
  expect(await child.ended).toMatchObject({ code: 143 });
});

test('a command that does not exist ends with 127', async () => {
  expect(await spawn(['/no/such/command']).ended).toMatchObject({ code: 127 });
});
