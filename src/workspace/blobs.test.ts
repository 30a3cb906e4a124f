// Files that are checked out as they are committed come from a git process that is kept, the others from git's checkout.
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { listProcesses, programOf } from '../process/processes.ts';
import { readBase } from './base.ts';
import { Blobs } from './blobs.ts';
import { newTestBed } from './testing/test-bed.ts';

const allGitBelow = () =>
  listProcesses().filter(({ pid, parent }) => parent === process.pid && programOf(pid).startsWith('git'));
/** Of tests that this process has run before: a session of theirs keeps its git as long as the worker lives. */
let ofOthers = new Set<number>();
test.beforeEach(() => {
  ofOthers = new Set(allGitBelow().map(({ pid }) => pid));
});
const gitBelow = () => allGitBelow().filter(({ pid }) => !ofOthers.has(pid));

test('contents come back byte by byte, with their modes; what is missing is an error, and the next is fine', async () => {
  await using bed = await newTestBed();
  const large = Buffer.alloc(3_000_000, 'lines\r\n\0');
  writeFileSync(join(bed.user, 'large.bin'), large);
  writeFileSync(join(bed.user, 'run.sh'), '#!/bin/sh\n', { mode: 0o755 });
  await bed.commit({ empty: '', 'no-end': 'no line end' });
  const { path, folder } = await bed.worktree(await bed.run());
  const oid = (name: string) => bed.git(bed.user, 'rev-parse', `HEAD:${name}`);
  const names = ['large.bin', 'empty', 'run.sh', 'no-end', 'empty', 'src/app.js'];
  const at = (index: number) => join(folder, `written-${index}`);
  const files = await Promise.all(
    names.map(async (name, index) => ({
      oid: await oid(name),
      path: at(index),
      mode: name === 'run.sh' ? 0o777 : 0o666,
    })),
  );
  const blobs = new Blobs({ GIT_DIR: join(bed.user, '.git') });
  await blobs.write(files);
  for (const [index, name] of names.entries()) {
    expect(readFileSync(at(index)).equals(readFileSync(join(path, name)))).toBe(true);
    expect(statSync(at(index)).mode).toBe(statSync(join(path, name)).mode);
  }
  const none = { oid: '0'.repeat(40), mode: 0o666 };
  await expect(blobs.write([{ ...none, path: join(folder, 'none') }])).rejects.toThrow('missing');
  const [first] = files;
  if (first) await blobs.write([{ ...first, path: join(folder, 'again') }]);
  expect(readFileSync(join(folder, 'again')).equals(large)).toBe(true);
  blobs.close();
  await expect.poll(gitBelow).toEqual([]);
});

test('what git changes when it checks out is checked out by git: line ends, filters, and all where attributes are not committed', async () => {
  await using bed = await newTestBed();
  await bed.git(bed.user, 'config', 'filter.shout.smudge', 'tr a-z A-Z');
  await bed.commit({
    '.gitattributes': '* text=auto\n*.loud filter=shout\n*.win text eol=crlf\n',
    'a.loud': 'a',
    'a.win': 'a\n',
  });
  const run = await bed.run();
  const asIs = async (worktree: Awaited<ReturnType<typeof bed.worktree>>) => {
    const { tracked } = await readBase(worktree);
    return ['a.loud', 'a.win', 'src/app.js'].filter((name) => tracked.get(join(worktree.path, name)) !== undefined);
  };
  expect(await asIs(await bed.worktree(run))).toEqual(['src/app.js']);
  const generated = await bed.worktree(run, 1, ({ path }) =>
    bed.write({ 'src/.gitattributes': '*.js text eol=crlf' }, path),
  );
  expect(await asIs(generated)).toEqual([]);
  const workspace = await bed.open(generated);
  bed.write({ 'src/app.js': 'of a test' }, generated.path);
  await workspace.resetToMark();
  expect(readFileSync(join(generated.path, 'src/app.js'), 'utf8')).toBe('app\r\n');
  await bed.git(bed.user, 'config', 'core.autocrlf', 'true');
  expect(await asIs(await bed.worktree(await bed.run(), 2))).toEqual([]);
});

test('where the kept process was killed the next reset is as good, and the one after it has another', async () => {
  await using bed = await newTestBed();
  const worktree = await bed.worktree(await bed.run());
  const workspace = await bed.open(worktree);
  for (let round = 0; round < 3; round += 1) {
    bed.write({ 'src/app.js': `of test ${round}` }, worktree.path);
    await workspace.resetToMark();
    expect(readFileSync(join(worktree.path, 'src/app.js'), 'utf8')).toBe('app\n');
    // The reset that meets its end has git check the file out.
    if (round !== 1) expect(gitBelow()).toHaveLength(1);
    if (round === 0) process.kill(gitBelow()[0]?.pid ?? 0, 'SIGKILL');
  }
  workspace.close();
  await expect.poll(gitBelow).toEqual([]);
});
