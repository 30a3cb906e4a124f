// Why a template is built anew, by what the last one was made from.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { scratchFolder } from '../../fixtures/programs/programs.ts';
import { fingerprint } from '../postgres/databases/fingerprint.ts';
import { changedMeanwhile, noteTemplates, recordedTemplates, whyBuilt } from './template-record.ts';

const FILES = { 'migrations/1.sql': 'aa', 'migrations/2.sql': 'bb', 'seed/data.csv': 'cc' };
const BEFORE = { key: '1', files: FILES, rest: 'r' };

test('what has changed, is new or is gone is named, a few of each', () => {
  const why = (changes: object) => whyBuilt(BEFORE, { ...BEFORE, ...changes });
  expect(why({ files: { ...FILES, 'migrations/2.sql': 'xx' } })).toBe('changed: migrations/2.sql');
  const { 'seed/data.csv': _, ...rest } = FILES;
  const added = Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`new/${index}.sql`, 'dd']));
  expect(why({ files: { ...rest, ...added } })).toBe(
    'new: new/0.sql, new/1.sql, new/2.sql and 2 more; removed: seed/data.csv',
  );
  expect(why({ rest: 's' })).toBe('other commands, options or Postgres');
  expect(why({})).toBeUndefined();
  expect(whyBuilt(undefined, BEFORE)).toBe('first');
});

test('what templates were made from is known to the next run; a record that is none harms nothing', async () => {
  const { folder, remove } = scratchFolder();
  chmodSync(folder, 0o755); // Postgres may run as another user.
  const before = process.env.STACKS_CACHE;
  process.env.STACKS_CACHE = folder;
  try {
    expect((await recordedTemplates('/project')).size).toBe(0);
    await noteTemplates('/project', new Map([['default main', BEFORE]]));
    await noteTemplates('/project', new Map([['default audit', { ...BEFORE, key: '2' }]]));
    const known = await recordedTemplates('/project');
    expect([...known.keys()]).toEqual(['default main', 'default audit']);
    expect(whyBuilt(known.get('default main'), { ...BEFORE, files: { ...FILES, 'a.sql': 'x' } })).toBe('new: a.sql');
    expect(whyBuilt('nonsense', BEFORE)).toBeUndefined();
  } finally {
    if (before === undefined) delete process.env.STACKS_CACHE;
    else process.env.STACKS_CACHE = before;
    remove();
  }
});

test('inputs that a step wrote are named when the template is built', async () => {
  const { folder, remove } = scratchFolder();
  try {
    const write = (name: string, text: string) => writeFileSync(join(folder, 'migrations', name), text);
    mkdirSync(join(folder, 'migrations'));
    write('1.sql', 'SELECT 1');
    const none = { migrate: undefined, seed: undefined, extensions: [], role: 'owner', env: {} } as const;
    const database = { ...none, inputs: ['migrations/**'], option: 'database' };
    const before = await fingerprint(database, folder, 'a server');
    if (!before) throw new Error('there are inputs');
    expect(await changedMeanwhile(database, folder, before)).toBeUndefined();
    write('.snapshot', '1');
    expect(await changedMeanwhile(database, folder, before)).toBe('new: migrations/.snapshot');
  } finally {
    remove();
  }
});
