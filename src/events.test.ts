import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Events, ndjson, type StacksEvent } from './events.ts';

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
    test: 't',
    tables: [],
    ms: 1,
    waited: 0,
    ended,
  });
  expect(heard).toMatchObject([
    { type: 'run-broken', message: 'no postgres://a:***@h/d' },
    { type: 'rewound', test: 't', ended: ["ALTER ROLE a PASSWORD '***'", 'COMMIT'] },
  ]);
  expect(readFileSync(file, 'utf8')).toBe(heard.map((event) => `${JSON.stringify(event)}\n`).join(''));
  expect(statSync(file).mode & 0o777).toBe(0o600);
  rmSync(folder, { recursive: true });
});
