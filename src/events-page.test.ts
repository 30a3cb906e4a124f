// docs/events.md against the types: a name that is missing on either side fails.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';

test('the page of events names each of them, and no other', () => {
  const source = ['src/events.ts', 'src/stack-events.ts', 'src/test-events.ts']
    .map((file) => readFileSync(file, 'utf8'))
    .join('\n');
  const types = [...source.matchAll(/readonly type: ((?:'[\w-]+'(?: \| )?)+)/g)].flatMap(([, names = '']) =>
    names.split(' | ').map((name) => name.slice(1, -1)),
  );
  const rows = readFileSync('docs/events.md', 'utf8').match(/^\| `.*?\|/gm) ?? [];
  const documented = rows.flatMap((row) => [...row.matchAll(/`([\w-]+)`/g)].map(([, name]) => name));
  expect(types.length).toBeGreaterThan(20);
  expect([...documented].sort()).toEqual([...new Set(types)].sort());
});
