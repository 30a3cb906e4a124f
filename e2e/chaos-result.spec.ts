// What `npm run chaos` makes of its rounds.
import { expect, test } from '@playwright/test';
import { misjudged } from './chaos/judge.ts';
import { tally } from './chaos/tally.ts';
import type { RunResult } from './harness/run.ts';

const round = { way: 'runner SIGKILL', seconds: 1, hung: false, misjudged: undefined, unhurt: false };

test('a round that hurt nothing is not counted, and the result says how many there were', () => {
  const result = tally([round, { ...round, unhurt: true }, { ...round, seconds: 7, misjudged: 'exit code 0' }], 0);
  expect(result).toMatchObject({ rounds: 2, unhurt: 1, late: 1, misjudged: 1, survivors: 0 });
});

test('a hurt run is to end by the signal that it got, with all its tests passed, or with a report of what happened', () => {
  const ended = (result: Partial<RunResult>) => ({ exitCode: null, signal: null, output: '', ...result }) as RunResult;
  const judge = (way: string, result: Partial<RunResult>) => misjudged(way, ended(result), 80);
  expect(judge('runner and reaper SIGKILL', { signal: 'SIGKILL' })).toBeUndefined();
  expect(judge('reaper SIGKILL', { signal: 'SIGKILL' })).toBe('ended by SIGKILL');
  expect(judge('reaper SIGKILL', { exitCode: 0, output: '80 passed' })).toBeUndefined();
  expect(judge('reaper SIGKILL', { exitCode: 0, output: '79 passed' })).toBe('exit code 0 without 80 passed');
  expect(judge('reaper SIGKILL', { exitCode: 1 })).toContain('exit code 1');
  expect(judge('terminal SIGINT, again and again', { exitCode: 130 })).toBeUndefined();
  expect(judge('an app server SIGKILL', { exitCode: 1, output: 'SERVER_EXITED: …' })).toBeUndefined();
  expect(judge('an app server SIGKILL', { exitCode: 1, output: 'expected 2, got 1' })).toContain('expected 2, got 1');
  expect(judge('runner SIGTERM', { signal: 'SIGTERM' })).toBeUndefined();
  expect(judge('runner SIGTERM', { signal: 'SIGKILL' })).toBe('ended by SIGKILL');
  expect(judge('terminal SIGINT', { exitCode: 2 })).toBe('exit code 2');
  const reasons = {
    'a worker SIGKILL': 'worker process exited unexpectedly',
    'a Postgres process SIGKILL': 'RUN_BROKEN … POSTGRES_FAILED: the embedded Postgres ended',
  };
  for (const [way, output] of Object.entries(reasons)) {
    expect(judge(way, { exitCode: 1, output })).toBeUndefined();
    for (const other of Object.keys(reasons)) {
      if (other !== way) expect(judge(other, { exitCode: 1, output })).toContain(output);
    }
  }
});
