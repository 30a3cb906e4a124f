// Workers that really end, and what is told of it.
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { workerFailure } from './worker-failure.ts';

const ENDS: Readonly<Record<string, { program: string; failure: object }>> = {
  'runs out of memory': {
    program: 'const all = []; for (;;) all.push(new Array(1e5).fill({}));',
    failure: { reason: 'out of memory', exit: 'signal SIGABRT' },
  },
  'is killed': {
    program: "process.kill(process.pid, 'SIGKILL'); setInterval(() => {}, 1000);",
    failure: { reason: 'killed', exit: 'signal SIGKILL' },
  },
  crashes: {
    program: "process.kill(process.pid, 'SIGSEGV'); setInterval(() => {}, 1000);",
    failure: { reason: 'crashed', exit: 'signal SIGSEGV' },
  },
  'exits by itself': { program: 'process.exit(7);', failure: { reason: 'crashed', exit: 'exit code 7' } },
};

for (const [title, { program, failure }] of Object.entries(ENDS)) {
  test(`a worker that ${title} is said to have done so`, async () => {
    const file = test.info().outputPath('worker.mjs');
    writeFileSync(file, program);
    const child = fork(file, { execArgv: ['--max-old-space-size=20'], silent: true });
    const [code, signal] = await once(child, 'exit');
    // Playwright's own words.
    const message = `Error: worker process exited unexpectedly (code=${code}, signal=${signal})`;
    expect(workerFailure({ status: 'failed', errors: [{ message }] })).toEqual(failure);
  });
}

test('a test that took too long costs its worker, any other failure does not', () => {
  expect(workerFailure({ status: 'timedOut', errors: [] })).toMatchObject({ reason: 'timed out' });
  expect(workerFailure({ status: 'failed', errors: [{ message: 'expected 1' }] })).toBeUndefined();
});
