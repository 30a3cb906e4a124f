// Worktrees of runs whose own folder is gone: those of dead runs go, and nothing of a living one or of the user's.
import { existsSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { makePrivateFolder } from '../files/private-folder.ts';
import { workspacesPrefix } from '../names.ts';
import { machine, startOf } from '../process/processes.ts';
import { OWNER_FILE } from '../workspace/remove.ts';
import { newTestBed } from '../workspace/testing/test-bed.ts';
import { sweepWorkspaces } from './sweep-workspaces.ts';

const RUN = '0123456789';
const HOUR = 3_600_000;

test('worktrees that are left of a dead run go; those of a living one, of an unknown one, and the user’s stay', async () => {
  await using bed = await newTestBed();
  const before = process.env.TMPDIR;
  process.env.TMPDIR = mkdtempSync(join(bed.folder, 'tmp-'));
  try {
    const worktrees = (started: string | undefined, run = RUN) => {
      const { path } = makePrivateFolder(process.env.TMPDIR ?? '', workspacesPrefix(run));
      mkdirSync(join(path, `stk_${run}_0/shop`), { recursive: true });
      const head = { run: RUN, pid: process.pid, started, machine: machine(), root: bed.user, at: Date.now() };
      const owner = { ...head, folder: join(bed.folder, 'gone'), users: [join(bed.user, '.git')] };
      writeFileSync(join(path, OWNER_FILE), JSON.stringify(owner));
      return path;
    };
    const own = startOf(process.pid);
    const [dead, mine, living] = [worktrees('1'), worktrees('1'), worktrees(own)];
    await bed.git(bed.user, 'worktree', 'add', '--quiet', '--detach', join(mine, 'mine'));
    bed.write({ work: 'not committed' }, join(mine, 'mine'));
    const foreign = worktrees('1', '9999999999'); // what is in it is not what its name says
    rmSync(join(foreign, OWNER_FILE));
    utimesSync(foreign, 1, 1);
    const snapshot = await bed.snapshot();
    const swept = await sweepWorkspaces(HOUR);
    const inTmp = (path: string) => path.startsWith(process.env.TMPDIR ?? '');
    expect(swept.flatMap(({ removed }) => removed).filter(inTmp)).toEqual([dead]);
    expect(swept.flatMap(({ failures }) => failures).filter(inTmp)).toEqual([]);
    expect([dead, living, foreign, join(mine, 'mine/work')].map((path) => existsSync(path))).toEqual([
      false,
      true,
      true,
      true,
    ]);
    expect(existsSync(join(mine, `stk_${RUN}_0`))).toBe(false);
    expect(await bed.snapshot()).toEqual(snapshot);
  } finally {
    if (before === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = before;
  }
});
