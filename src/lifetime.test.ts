import { expect, test } from '@playwright/test';
import { StacksError } from './errors.ts';
import { Lifetime } from './lifetime.ts';
import { within } from './wait.ts';

test('steps run last in first out, once, and go on after a failure', async () => {
  const done: string[] = [];
  const lifetime = new Lifetime();
  lifetime.defer('first', () => done.push('first'));
  lifetime.defer('second', () => Promise.reject(new Error('no')));
  lifetime.defer('third', () => done.push('third'));
  const error = await lifetime.close().catch((reason) => reason);
  expect(done).toEqual(['third', 'first']);
  expect(error).toBeInstanceOf(StacksError);
  expect(error.message).toBe('TEARDOWN_FAILED: 1 of the run’s resources could not be removed.\n  second  no');
  await expect(lifetime.close()).rejects.toBe(error);
});

test('a step that never ends is given up after its deadline, and the next one runs', async () => {
  const done: string[] = [];
  const lifetime = new Lifetime();
  lifetime.defer('first', () => done.push('first'));
  lifetime.defer('stuck', () => new Promise(() => {}), { timeout: 20 });
  await expect(lifetime.close()).rejects.toThrow('stuck  stuck: not done within 20 ms');
  expect(done).toEqual(['first']);
});

test('what a single step says of what is left is said once', async () => {
  const lifetime = new Lifetime();
  const left = new StacksError('TEARDOWN_FAILED', 'something is left.', { items: ['this'] });
  lifetime.defer('remove what is left', () => Promise.reject(left));
  await expect(lifetime.close()).rejects.toBe(left);
});

test('a step registered while closing is run too', async () => {
  const done: string[] = [];
  const lifetime = new Lifetime();
  lifetime.defer('outer', () => lifetime.defer('inner', () => done.push('inner')));
  await lifetime.close();
  expect(done).toEqual(['inner']);
});

test('within says what it waited for', async () => {
  await expect(within(10, 'the moon', () => new Promise(() => {}))).rejects.toThrow('the moon: not done within 10 ms');
  await expect(within(1000, 'the sun', () => 1)).resolves.toBe(1);
});
