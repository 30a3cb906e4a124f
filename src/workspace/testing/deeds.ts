// What a test may do to its worktree and repository, by what it is.
import { appendFileSync, chmodSync, mkdirSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@playwright/test';

export const deeds: Record<string, (path: string, git: (...args: string[]) => Promise<string>) => unknown> = {
  'a tracked file is written': (path) => writeFileSync(join(path, 'src/app.js'), 'other'),
  'files are made, ignored ones too, and empty folders': (path) => {
    mkdirSync(join(path, 'dist/deep/empty'), { recursive: true });
    for (const name of ['new.txt', 'dist/a', 'dist/deep/b', 'src/x.log']) writeFileSync(join(path, name), 'new');
  },
  'files and folders are removed': (path) => {
    for (const name of ['src', 'README.md', 'generated']) rmSync(join(path, name), { recursive: true });
  },
  'a folder is moved away, and another one is put in its place': (path) => {
    renameSync(join(path, 'src'), join(path, 'moved'));
    mkdirSync(join(path, 'src/lib'), { recursive: true });
    writeFileSync(join(path, 'src/lib/tax.js'), 'none');
  },
  'a folder is removed and made again with the same files': (path) => {
    rmSync(join(path, 'src/lib'), { recursive: true });
    mkdirSync(join(path, 'src/lib'));
    writeFileSync(join(path, 'src/lib/tax.js'), 'tax\n');
    writeFileSync(join(path, 'src/lib/second.js'), 'second');
  },
  'a file becomes a folder, and a folder a file': (path) => {
    unlinkSync(join(path, 'README.md'));
    mkdirSync(join(path, 'README.md'));
    writeFileSync(join(path, 'README.md/inner'), '');
    rmSync(join(path, 'src/lib'), { recursive: true });
    writeFileSync(join(path, 'src/lib'), '');
  },
  'modes change': (path) => {
    chmodSync(join(path, 'src/app.js'), 0o755);
    chmodSync(join(path, 'generated/types.d.ts'), 0o755);
  },
  'what setup made is written, removed and made': (path) => {
    appendFileSync(join(path, 'generated/types.d.ts'), 'more');
    unlinkSync(join(path, 'generated/client.js'));
    unlinkSync(join(path, 'linked'));
    writeFileSync(join(path, 'generated/third.js'), '');
  },
  'something is staged': (path, git) => {
    writeFileSync(join(path, 'staged.txt'), '');
    return git('add', '--all');
  },
  'commits are made on its branch and on others, with tags': async (path, git) => {
    writeFileSync(join(path, 'src/app.js'), 'committed');
    await git('commit', '--quiet', '--all', '--message', 'one');
    await git('switch', '--quiet', '--create', 'feature');
    await git('tag', 'v1');
    await git('pack-refs', '--all');
    await git('branch', '--delete', '--force', 'main');
  },
  'HEAD is detached': (_, git) => git('checkout', '--quiet', '--detach'),
  'something is stashed': async (path, git) => {
    writeFileSync(join(path, 'src/app.js'), 'stashed');
    await git('stash');
  },
  'settings, hooks and excluded paths are changed': async (path, git) => {
    await git('config', 'user.name', 'Eve');
    await git('config', 'core.fileMode', 'false');
    const bare = await git('rev-parse', '--path-format=absolute', '--git-common-dir');
    mkdirSync(join(bare, 'hooks'), { recursive: true });
    writeFileSync(join(bare, 'hooks/pre-commit'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
    appendFileSync(join(bare, 'info/exclude'), '\nsrc\n');
    appendFileSync(join(path, '.gitignore'), '\n*\n');
    appendFileSync(join(path, '.gitattributes'), '* text eol=crlf\n');
  },
  'a merge is stopped by a conflict': (path, git) => conflict(path, git, 'merge', 'other'),
  'a rebase is stopped by a conflict': (path, git) => conflict(path, git, 'rebase', 'other'),
  'a bisect is under way': async (_, git) => {
    await git('bisect', 'start');
    await git('bisect', 'bad');
  },
  'the .git file is gone': (path) => unlinkSync(join(path, '.git')),
  'HEAD and the index are damaged': async (_, git) => {
    const own = await git('rev-parse', '--absolute-git-dir');
    writeFileSync(join(own, 'HEAD'), 'nonsense');
    writeFileSync(join(own, 'index'), 'nonsense');
    writeFileSync(join(own, 'index.lock'), '');
  },
  'another repository and another worktree are made in it and beside it': async (path, git) => {
    await git('init', '--quiet', 'inner');
    writeFileSync(join(path, 'inner/file'), '');
    await git('worktree', 'add', '--quiet', '../second');
  },
  'everything is removed': (path) => {
    for (const name of ['src', 'README.md', '.git', '.gitignore', 'generated', 'linked']) {
      rmSync(join(path, name), { recursive: true });
    }
  },
  'many files and folders are made': (path) => {
    for (let n = 0; n < 200; n += 1) {
      mkdirSync(join(path, `many/${n}`), { recursive: true });
      writeFileSync(join(path, `many/${n}/file`), '');
    }
  },
};

async function conflict(path: string, git: (...args: string[]) => Promise<string>, ...args: string[]): Promise<void> {
  await git('switch', '--quiet', '--create', 'other');
  for (const [branch, text] of [
    ['other', 'theirs'],
    ['mine', 'ours'],
  ] as const) {
    if (branch === 'mine') await git('switch', '--quiet', '--create', 'mine', 'HEAD~1');
    writeFileSync(join(path, 'src/app.js'), text);
    await git('commit', '--quiet', '--all', '--message', branch);
  }
  await expect(git(...args)).rejects.toThrow('CONFLICT');
}
