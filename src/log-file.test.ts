import {
  chmodSync,
  chownSync,
  closeSync,
  lchownSync,
  linkSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { ndjson } from './events-file.ts';
import { openToAppend } from './files/open-to-append.ts';
import { openLog } from './log-file.ts';

let folder: string;
let [log, precious]: [string, string] = ['', ''];
test.beforeEach(() => {
  folder = mkdtempSync('/tmp/stk-test-');
  chmodSync(folder, 0o1777);
  [log, precious] = [join(folder, 'log'), join(folder, 'precious')];
  writeFileSync(precious, 'as it was');
});
test.afterEach(() => rmSync(folder, { recursive: true }));

const append = () => {
  const file = openToAppend(log);
  writeSync(file, 'mine');
  closeSync(file);
};

test('a file of ours is appended to, made where there is none, and reached by a link of ours', () => {
  append();
  append();
  expect(readFileSync(log, 'utf8')).toBe('minemine');
  rmSync(log);
  symlinkSync(precious, log);
  append();
  expect(readFileSync(precious, 'utf8')).toBe('as it wasmine');
});

/** What another user puts where we write. */
const PLANTS: Readonly<Record<string, () => void>> = {
  'a link to a file of ours': () => {
    symlinkSync(precious, log);
    lchownSync(log, 1, 1);
  },
  'a link to what is not there yet': () => {
    symlinkSync(join(folder, 'made'), log);
    lchownSync(log, 1, 1);
  },
  'another name of a file of ours': () => linkSync(precious, log),
  'a file of theirs': () => {
    writeFileSync(log, '');
    chownSync(log, 1, 1);
  },
};

for (const [what, plant] of Object.entries(PLANTS)) {
  test(`${what} is not written to, by logs and STACKS_EVENTS`, () => {
    test.skip(process.getuid?.() !== 0, 'giving it to another user takes root');
    plant();
    const before = readFileSync(precious, 'utf8');
    expect(append).toThrow('belongs to another user, or has another name as well');
    const file = openLog(log);
    file.write('secret');
    file.close();
    const write = ndjson(log);
    expect(() => write({ type: 'built', ms: 1, at: 0, run: '' })).toThrow(
      `OPTIONS_INVALID: STACKS_EVENTS cannot be written to: what is at ${log} belongs to another user`,
    );
    expect(readFileSync(precious, 'utf8')).toBe(before);
    expect(() => readFileSync(join(folder, 'made'))).toThrow('ENOENT');
    if (what === 'a file of theirs') expect(readFileSync(log, 'utf8')).toBe('');
  });
}
