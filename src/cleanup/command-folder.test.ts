// Folders of commands that were killed: they go when neither the command nor a run of it runs any more.
import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { machine } from '../process/processes.ts';
import { makeCommandFolder, sweepCommandFolders, useCommandFolder } from './command-folder.ts';

test.describe.configure({ mode: 'default' });
const HOUR = 3_600_000;
let folder: string;
let before: string | undefined;
test.beforeEach(() => {
  before = process.env.TMPDIR;
  folder = mkdtempSync('/tmp/stk-test-');
  process.env.TMPDIR = folder;
});
test.afterEach(() => {
  process.env.TMPDIR = before;
  if (before === undefined) delete process.env.TMPDIR;
  rmSync(folder, { recursive: true });
});

const ENDED = `${JSON.stringify({ pid: process.pid, started: '1', machine: machine() })}\n`;

/** A folder whose command was killed. */
function deadFolder(command: 'audit' | 'doctor' = 'audit'): string {
  const made = makeCommandFolder(command);
  writeFileSync(join(made, 'users.ndjson'), ENDED);
  return made;
}

test('the folder of a command that was killed is swept with all that its runs have written; one in use, or of others, stays', async () => {
  const dead = [deadFolder('audit'), deadFolder('doctor')];
  mkdirSync(join(dead[0] ?? '', '3'));
  writeFileSync(join(dead[0] ?? '', '3/events.ndjson'), '{}\n');
  const living = makeCommandFolder('audit');
  const runsOn = deadFolder(); // its command is gone, a run of it is not yet
  useCommandFolder(runsOn, () => {});
  const open = deadFolder();
  chmodSync(open, 0o777);
  const mine = join(folder, 'playwright-stacks-audit-notes0');
  mkdirSync(mine, { mode: 0o700 });
  writeFileSync(join(mine, 'mine.txt'), 'of a person');
  utimesSync(mine, 1, 1);
  const empty = join(folder, 'playwright-stacks-doctor-Empty0');
  mkdirSync(empty, { mode: 0o700 });
  utimesSync(empty, 1, 1);
  const named = join(folder, 'playwright-stacks-audit-results');
  mkdirSync(named, { mode: 0o700 });
  writeFileSync(join(named, 'users.ndjson'), ENDED);

  const swept = await sweepCommandFolders(HOUR);
  const inTmp = (path: string) => path.startsWith(folder);
  expect(swept.flatMap(({ removed }) => removed.filter(inTmp)).sort()).toEqual([...dead, empty].sort());
  expect(swept.flatMap(({ failures }) => failures.filter((each) => each.includes(folder)))).toEqual([]);
  for (const gone of dead) expect(existsSync(gone)).toBe(false);
  for (const stays of [living, runsOn, open, mine, named]) expect(existsSync(stays)).toBe(true);
});

test('a line that was cut short by a full disk says nothing, and holds up neither the runs nor the sweep', async () => {
  const cut = ENDED.slice(0, 9);
  const dead = deadFolder();
  writeFileSync(join(dead, 'users.ndjson'), `${ENDED}${cut}\n${cut}`);
  const runsOn = deadFolder();
  appendFileSync(join(runsOn, 'users.ndjson'), cut);
  let ended = 0;
  useCommandFolder(runsOn, () => {
    ended += 1;
  });
  const swept = (await sweepCommandFolders(HOUR)).flatMap(({ removed, failures }) => [...removed, ...failures]);
  expect(swept.filter((each) => each.includes(folder))).toEqual([dead]);
  await expect.poll(() => ended).toBe(1);
});

test('a run ends when its command has ended, which it looks for', async () => {
  const made = makeCommandFolder('audit');
  let ended = 0;
  useCommandFolder(made, () => {
    ended += 1;
  });
  writeFileSync(join(made, 'users.ndjson'), ENDED);
  appendFileSync(join(made, 'users.ndjson'), ENDED);
  await expect.poll(() => ended).toBe(1);
});
