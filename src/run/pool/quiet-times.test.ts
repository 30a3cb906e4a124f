// What workers learn of an application that writes late reaches the other workers, people, and later runs.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import type { ResolvedServer } from '../../config/resolved.ts';
import { Events, type StampedEvent } from '../../events.ts';
import type { KnownQuiet } from '../../lease/learned-quiet.ts';
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

  const note = (known: KnownQuiet, by = one, to = times) =>
    to.note(by, SERVERS, { type: 'quiet', known: known ?? 'in vain', waited });
  note({ silence: 80, listen: 5, sights: 1 });
  note({ silence: 70, listen: 0, sights: 1 });
  note({ silence: 90, listen: 0, sights: 1 }, other);
  const told = (known: object) => [0, 1].map((worker) => `${worker} ${JSON.stringify({ type: 'quiet', known })}`);
  expect(sent).toEqual([
    ...told({ silence: 80, listen: 5, sights: 1 }),
    ...told({ silence: 80, listen: 0, sights: 1 }),
    ...told({ silence: 90, listen: 0, sights: 1 }),
  ]);
  const about = { slot: 0, variant: 'default', servers: ['web'] };
  expect(emitted).toEqual([expect.objectContaining({ type: 'writes-late', ...about, silence: 80, quiet: 130 })]);
  expect(times.of('admin')).toBeUndefined();

  times.sight('default');
  note({ silence: 95, listen: 0, sights: 1 }); // was under way
  expect(times.of('default')).toEqual({ silence: 95, listen: 5, sights: 2 });
  note({ silence: 95, listen: 0, sights: 2 });

  const recorded = () => recordedQuiet(root);
  const at = async (variant: string) => (await recorded()).get(variant)?.at;
  const last = async () => ((await recorded()).get('default')?.known.listen === 0 ? 'there' : undefined);
  expect(await poll(last, { timeout: 10_000, interval: 10 })).toBe('there');
  const learnedAt = await at('default');
  await expect.poll(() => Date.now()).toBeGreaterThan(Number(learnedAt));
  times.sight('admin');
  expect(sent.at(-1)).toBe('2 {"type":"quiet","known":{"silence":0,"listen":5,"sights":1}}');
  expect(await poll(() => at('admin'), { timeout: 10_000, interval: 10 })).toBeGreaterThan(Number(learnedAt));
  expect(await at('default')).toBe(learnedAt);
  const later = new QuietTimes(root, events, await recorded());
  expect(later.of('default')).toEqual({ silence: 95, listen: 0, sights: 2 });

  note('in vain', one, later);
  note({ silence: 5, listen: 5, sights: 9 }, other, later);
  expect(later.of('default')).toBe('in vain');
  expect(emitted.slice(1)).toEqual([expect.objectContaining({ type: 'never-quiet', ...about, ...waited })]);
  const forgotten = async () => (!(await recorded()).has('default') ? 'forgotten' : undefined);
  expect(await poll(forgotten, { timeout: 10_000, interval: 10 })).toBe('forgotten');
  await rm(root, { recursive: true });
});
