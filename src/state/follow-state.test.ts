// The state as other code sees it: listeners in the runner, and other processes.
import { once } from 'node:events';
import { connect } from 'node:net';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { scratchFolder } from '../../fixtures/programs/programs.ts';
import { Events } from '../events.ts';
import { within } from '../wait.ts';
import { followState, readState } from './follow-state.ts';
import type { RunState } from './run-state.ts';
import { STATE_SOCKET, serveState } from './state-server.ts';
import { StateStore } from './state-store.ts';

test('a listener that throws, now or later, harms nobody and is called no more', async () => {
  const events = new Events();
  const store = new StateStore(events);
  const calls = { throws: 0, rejects: 0, good: 0 };
  store.subscribe(() => {
    calls.throws += 1;
    throw new Error('now');
  });
  store.subscribe(async () => {
    calls.rejects += 1;
    await Promise.resolve();
    throw new Error('later');
  });
  store.subscribe(() => {
    calls.good += 1;
  });
  events.emit({ type: 'built', ms: 1 });
  await expect.poll(() => calls).toEqual({ throws: 1, rejects: 1, good: 1 });
  events.emit({ type: 'built', ms: 2 });
  expect(calls).toEqual({ throws: 1, rejects: 1, good: 2 });
  expect(store.state.setup.build).toBe(2);
});

test('another process reads the state, follows it, and learns of its end', async () => {
  const { folder, remove } = scratchFolder();
  const events = new Events();
  const store = new StateStore(events);
  const stop = await serveState(store, join(folder, STATE_SOCKET));
  events.emit({ type: 'built', ms: 1 });
  expect((await readState(folder))?.setup.build).toBe(1);
  const seen: (number | undefined)[] = [];
  const following = followState(folder, ({ setup }: RunState) => seen.push(setup.build), new AbortController().signal);
  await expect.poll(() => seen).toEqual([1]);
  events.emit({ type: 'built', ms: 2 });
  await expect.poll(() => seen).toEqual([1, 2]);
  await stop();
  await following;
  expect(await readState(folder)).toBeUndefined();
  remove();
});

test('a viewer that is stopped does not hold up the end', async () => {
  const { folder, remove } = scratchFolder();
  const stop = await serveState(new StateStore(new Events()), join(folder, STATE_SOCKET));
  const stopped = connect(join(folder, STATE_SOCKET));
  await once(stopped, 'connect');
  stopped.pause();
  // Its kernel has taken it; the server may see it a moment later.
  expect((await readState(folder))?.phase).toBe('starting');
  await within(8_000, 'the end', stop);
  stopped.destroy();
  remove();
});

test('a viewer that never reads is let go, and the others see everything', async () => {
  const { folder, remove } = scratchFolder();
  const events = new Events();
  const stop = await serveState(new StateStore(events), join(folder, STATE_SOCKET));
  const deaf = connect(join(folder, STATE_SOCKET));
  deaf.on('error', () => {});
  deaf.pause();
  const states: RunState[] = [];
  const following = followState(folder, (state) => states.push(state), new AbortController().signal);
  await expect.poll(() => states.length).toBe(1);
  const removed = Array.from({ length: 20 }, () => 'x'.repeat(50_000));
  for (let count = 0; count < 20; count += 1) {
    events.emit({ type: 'swept', removed, failures: [] });
    await expect.poll(() => states.length, { intervals: [5] }).toBe(count + 2);
  }
  deaf.resume();
  await expect.poll(() => deaf.destroyed).toBe(true);
  await stop();
  await following;
  remove();
});
