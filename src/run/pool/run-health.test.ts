import { expect, test } from '@playwright/test';
import { StacksError } from '../../errors.ts';
import { Events } from '../../events.ts';
import type { RunContext } from '../run-context.ts';
import { POSTGRES_GONE, RunHealth } from './run-health.ts';

function health(): RunHealth {
  const context = { signal: new AbortController().signal, config: { variants: new Map() } } as unknown as RunContext;
  return new RunHealth(context, new Events());
}

const unused = new StacksError('DATABASE_UNUSED', 'server "web" of slot 1 is on another database.');

test('where one slot is on another database, those that were seen on their own go on, and no other', () => {
  const run = health();
  expect(run.refusal('slot 1', true)).toBeUndefined();
  expect(run.refuse(unused, 'slot 1 is on another database', 'slot 1')).toMatchObject({ type: 'failed' });
  expect(run.refusal('slot 0', true)).toBeUndefined();
  expect(run.refusal('slot 2', false)).toMatchObject({ type: 'skip' });
  expect(run.refusal('slot 1', true)).toMatchObject({ type: 'skip' });
  expect(run.failure?.message).toContain('server "web" of slot 1 is on another database.');
  // What comes after it and concerns all does.
  run.break(new Error('gone'), POSTGRES_GONE);
  expect(run.refusal('slot 0', true)).toMatchObject({ type: 'failed' });
});

test('any other cause is for all slots', () => {
  const run = health();
  run.refuse(new Error('the disk burns'), 'slot 1 could not be opened', 'slot 1');
  expect(run.refusal('slot 0', true)).toMatchObject({ type: 'skip' });
});

test('a test that has failed already, and asks about its stack, is not the one that fails for the run', () => {
  const run = health();
  run.break(new Error('the server ended again'), 'slot 0 is gone');
  expect(run.refusal('slot 0', true, 'about it')).toMatchObject({ type: 'skip' });
  expect(run.refusal('slot 0', true)).toMatchObject({ type: 'failed' });
  expect(run.refusal('slot 0', true)).toMatchObject({ type: 'skip' });
});

test('a stack that cannot be opened ahead ends what else opens, and no other begins; until the next click', () => {
  const run = health();
  const { openings } = run;
  run.throwIfBroken('slot 0', false);
  run.fail(new StacksError('DATABASE_FULL', 'Postgres has no free connection.'), 'slot 3'); // it is tried again at the lease
  expect(openings.aborted).toBe(false);
  run.fail(new Error('the server has no licence'), 'slot 2');
  run.fail(openings.reason, 'slot 1');
  expect(openings).toMatchObject({ aborted: true, reason: { message: 'the server has no licence' } });
  expect(() => run.throwIfBroken('slot 0', true)).toThrow('the server has no licence');
  expect(run.failure?.message).toContain('slot 2 could not be opened');
  run.forgive();
  run.throwIfBroken('slot 0', false);
  expect(run.openings.aborted).toBe(false);
});

test('one that is on another database ends no other', () => {
  const run = health();
  run.fail(unused, 'slot 1');
  expect(run.openings.aborted).toBe(false);
  expect(() => run.throwIfBroken('slot 1', true)).toThrow(unused.message);
  run.throwIfBroken('slot 0', true);
});
