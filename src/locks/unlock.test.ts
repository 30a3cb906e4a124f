// A lock is released by who holds it, and by nobody else.
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { newTestBed } from '../testing/postgres.ts';
import { LockConnection } from './lock-connection.ts';
import { lockWorkers } from './testing/workers.ts';

test('an unlock by somebody else does nothing: neither of another owner, nor of one with the same number elsewhere', async () => {
  const bed = await newTestBed();
  await using _ = bed.lifetime;
  const folder = join(bed.folder, 'locks');
  const start = await lockWorkers(bed.lifetime, undefined);
  const [holder, other] = [await start(folder), await start(folder)];
  expect(await holder.take('holder', 'x')).toBe('held');
  expect(await holder.take('beside', 'y')).toBe('held');
  const raw = await LockConnection.open(folder);
  for (let owner = 0; owner < 5; owner += 1) raw.release(String(owner), 'x');
  await holder.end('beside');
  // Answered after what came before on this connection.
  const info = { run: 'r', root: '/', title: 'raw', pid: 1 };
  const asked = await raw.ask({ owner: '1', info, name: 'x', mode: 'read-write', timeout: 50 });
  expect(asked.type).toBe('timed-out');
  raw.close();
  expect(await other.take('other', 'x', { timeout: 50 })).toContain('held by "holder"');
  await holder.end('holder');
  expect(await other.take('other', 'x')).toBe('held');
});
