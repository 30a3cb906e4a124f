// What workers learn of an application that writes late reaches the other workers, people, and later runs.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { ResolvedServer } from '../../config/resolved.ts';
import { Events, type StampedEvent } from '../../events.ts';
import type { Lease } from '../../lease/server.ts';
import { poll } from '../../wait.ts';
import { recordedQuiet } from '../quiet-record.ts';
import { QuietTimes } from './quiet-times.ts';

const SERVERS = [{ name: 'web', command: 'npm start' }, { name: 'shared' }] as ResolvedServer[];
const waited = { quiet: 250, most: 250 };

test('it is told to the workers of the same variant, printed once, and known to the next run', async () => {
  const root = await mkdtemp(join(tmpdir(), 'stk-quiet-'));
  await mkdir(join(root, 'node_modules')); // where the cache is
  const emitted: StampedEvent[] = [];
  const events = new Events();
  events.on((event) => emitted.push(event));
  const sent: string[] = [];
  const lease = (variant: string, worker: number) =>
    ({
      ...{ slot: worker, variant, worker, project: '', closed: new Promise(() => {}) },
      send: (message: unknown) => sent.push(`${worker} ${JSON.stringify(message)}`),
    }) as unknown as Lease;
  const [one, other, admin] = [lease('default', 0), lease('default', 1), lease('admin', 2)];
  const times = new QuietTimes(root, events, new Map());
  for (const each of [one, other, admin]) times.join(each);

  times.note(one, SERVERS, { type: 'quiet', known: { silence: 80, listen: 5 }, waited });
  times.note(one, SERVERS, { type: 'quiet', known: { silence: 70, listen: 0 }, waited });
  times.note(one, SERVERS, { type: 'quiet', known: { silence: 90, listen: 0 }, waited });
  expect(sent).toEqual([
    '1 {"type":"quiet","known":{"silence":80,"listen":5}}',
    '1 {"type":"quiet","known":{"silence":80,"listen":0}}',
    '1 {"type":"quiet","known":{"silence":90,"listen":0}}',
  ]);
  const about = { slot: 0, variant: 'default', servers: ['web'] };
  expect(emitted).toEqual([expect.objectContaining({ type: 'writes-late', ...about, silence: 80, quiet: 130 })]);
  expect(times.of('admin')).toBeUndefined();

  const recorded = () => recordedQuiet(root);
  const last = async () => ((await recorded()).get('default')?.silence === 90 ? 'there' : undefined);
  expect(await poll(last, { timeout: 10_000, interval: 10 })).toBe('there');
  times.sight('admin');
  expect(sent.at(-1)).toBe('2 {"type":"quiet","known":{"silence":0,"listen":5}}');
  const later = new QuietTimes(root, events, await recorded());
  expect(later.of('default')).toEqual({ silence: 90, listen: 0 });

  later.note(one, SERVERS, { type: 'quiet', known: 'in vain', waited });
  later.note(other, SERVERS, { type: 'quiet', known: { silence: 5, listen: 5 }, waited });
  expect(later.of('default')).toBe('in vain');
  expect(emitted.slice(1)).toEqual([expect.objectContaining({ type: 'never-quiet', ...about, ...waited })]);
  const forgotten = async () => (!(await recorded()).has('default') ? 'forgotten' : undefined);
  expect(await poll(forgotten, { timeout: 10_000, interval: 10 })).toBe('forgotten');
  await rm(root, { recursive: true });
});
