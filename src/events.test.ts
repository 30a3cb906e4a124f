import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Events, type StacksEvent, type StampedEvent } from './events.ts';
import { ndjson } from './events-file.ts';

test('every event has the key of its run: runs beside and after each other can be told apart in one file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stacks-unit-'));
  const file = join(folder, 'events.ndjson');
  const [one, other] = [new Events(), new Events()];
  for (const events of [one, other]) events.on(ndjson(file));
  const begin = (events: Events, run: string) =>
    events.emit({ type: 'run-started', run, workers: 1, folder: '/tmp/x', reaper: 1 });
  const end = (events: Events) => events.emit({ type: 'run-ended', ms: 1 });
  begin(one, 'aaaaaaaaaa');
  begin(other, 'bbbbbbbbbb');
  end(one);
  end(other);
  // UI mode: the next run of the same process.
  begin(one, 'cccccccccc');
  end(one);
  const lines: StampedEvent[] = readFileSync(file, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  for (const key of ['aaaaaaaaaa', 'bbbbbbbbbb', 'cccccccccc']) {
    expect(lines.filter(({ run }) => run === key).map(({ type }) => type)).toEqual(['run-started', 'run-ended']);
  }
  expect(lines).toHaveLength(6);
  rmSync(folder, { recursive: true });
});

test('events have no secrets, for whoever listens; their file is for its owner only', () => {
  const folder = mkdtempSync(join(tmpdir(), 'stacks-unit-'));
  const file = join(folder, 'events.ndjson');
  const events = new Events();
  const heard: StacksEvent[] = [];
  events.on((event) => heard.push(event));
  events.on(ndjson(file));
  const ended = ["ALTER ROLE a PASSWORD 'hush'", 'COMMIT'];
  events.emit({ type: 'run-broken', message: 'no postgres://a:hush@h/d' });
  events.emit({
    type: 'rewound',
    slot: 0,
    variant: 'default',
    worker: 1,
    test: { id: '1', title: 't', titlePath: ['t'], file: 'a.spec.ts', project: '', retry: 0 },
    scope: 'test',
    rows: 0,
    tables: [],
    ms: 1,
    waited: 0,
    quiet: 0,
    ended,
  });
  expect(heard).toMatchObject([
    { type: 'run-broken', message: 'no postgres://a:***@h/d' },
    { type: 'rewound', test: { title: 't' }, ended: ["ALTER ROLE a PASSWORD '***'", 'COMMIT'] },
  ]);
  expect(readFileSync(file, 'utf8')).toBe(heard.map((event) => `${JSON.stringify(event)}\n`).join(''));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(folder, { recursive: true });
});
