// What Postgres shows of a session that has a lock.
import { expect, test } from '@playwright/test';
import { noteOf } from './server-lock-parties.ts';

test('a note is short, ASCII, ends no comment early, and has no secret', () => {
  const note = (title: string, name = 'x') =>
    noteOf({ id: '1', info: { run: '0123456789', root: '/project', title, pid: 4_194_304 } }, name);
  const read = (text: string) => JSON.parse(text.slice(3, -3));
  expect(read(note('zahlt für 日本 😀 */ $1'))).toEqual({
    ...{ run: '0123456789', root: '/project', title: 'zahlt für 日本 😀 */ $1', pid: 4_194_304, name: 'x' },
  });
  for (const character of ['a', '*', '"', '\\', '日', '😀', '\ud83d']) {
    const long = note(character.repeat(2_000), character.repeat(1_000));
    expect(long.length).toBeLessThan(1_024);
    expect(long).toMatch(/^\/\* [ -)+-~]+ \*\/$/);
    expect(read(long).title).toMatch(new RegExp(`^[${character === '\\' ? '\\\\' : character}]{20,}$`, 'u'));
  }
  expect(note('t', 'postgres://app:s3cret@db/app')).not.toContain('s3cret');
});
