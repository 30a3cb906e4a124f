import { expect, test } from '@playwright/test';
import { spawnTethered, type Tethered, type TetherOptions } from './spawn-with-parent.ts';

/** Spawns it and keeps what it prints. */
function spawn(command: string[], last: TetherOptions['last'] = 'TERM'): Tethered & { output(): string } {
  let output = '';
  const onOutput = (chunk: string): void => {
    output += chunk;
  };
  return { ...spawnTethered(command, { env: {}, last, onOutput }), output: () => output };
}

/** A program that has handlers, as Postgres does: it prints the signal that it got. */
const TELLS = `
  for (const name of ['SIGQUIT', 'SIGINT', 'SIGTERM']) process.on(name, () => { console.log(name); process.exit(); });
  setInterval(() => {}, 1000);
  console.log('ready');`;

test('its output and its exit code are told', async () => {
  const tethered = spawn(['sh', '-c', 'echo out; echo err >&2; exit 7']);
  expect(await tethered.ended).toEqual({ code: 7, title: 'exit code 7' });
  expect(tethered.output().split('\n').sort()).toEqual(['', 'err', 'out']);
});

test('letting go sends its last signal', async () => {
  for (const last of ['QUIT', 'TERM'] as const) {
    const tethered = spawn([process.execPath, '-e', TELLS], last);
    await expect.poll(tethered.output).toBe('ready\n');
    tethered.release();
    await tethered.ended;
    expect(tethered.output()).toBe(`ready\nSIG${last}\n`);
  }
});

test('another signal can be sent before', async () => {
  const tethered = spawn([process.execPath, '-e', TELLS], 'QUIT');
  await expect.poll(tethered.output).toBe('ready\n');
  tethered.signal('INT');
  await tethered.ended;
  expect(tethered.output()).toBe('ready\nSIGINT\n');
});

test('a command without handlers ends too', async () => {
  const tethered = spawn(['sleep', '60']);
  tethered.release();
  expect(await tethered.ended).toMatchObject({ code: 143 });
});

test('a command that does not exist ends with 127', async () => {
  expect(await spawn(['/no/such/command']).ended).toMatchObject({ code: 127 });
});
