// What a test may do to its worktree and repository, by what it is.
import { execFileSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  linkSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
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

export const oddDeeds: typeof deeds = {
  'links lead to themselves, to each other, upwards and nowhere': (path) => {
    mkdirSync(join(path, 'links'));
    symlinkSync('itself', join(path, 'links/itself'));
    symlinkSync('b', join(path, 'links/a'));
    symlinkSync('a', join(path, 'links/b'));
    symlinkSync('..', join(path, 'links/up'));
    symlinkSync('/nowhere', join(path, 'links/nowhere'));
    unlinkSync(join(path, 'src/app.js'));
    symlinkSync('app.js', join(path, 'src/app.js'));
  },
  'files and folders have odd names': (path, git) => {
    for (const name of [
      'a\nb',
      '-f',
      ':(top)x',
      'sub dir\t/\n',
      '"quoted"',
      '\\',
      'é',
      '*',
      '.git.bak',
      'src/lib/\x01',
    ]) {
      mkdirSync(dirname(join(path, name)), { recursive: true });
      writeFileSync(join(path, name), 'odd');
    }
    return git('add', '--all');
  },
  'folders and files are closed to everybody': (path) => {
    for (const name of ['closed', 'src/closed']) mkdirSync(join(path, name));
    writeFileSync(join(path, 'closed/file'), '');
    writeFileSync(join(path, 'src/closed/file'), '', { mode: 0o000 });
    for (const name of ['closed', 'src/closed', 'src/lib']) chmodSync(join(path, name), 0o000);
    chmodSync(join(path, 'README.md'), 0o000);
  },
  'git begins anew where it is, and is configured to be elsewhere': async (path, git) => {
    await git('init', '--quiet');
    await git('config', 'extensions.worktreeConfig', 'true');
    await git('config', '--worktree', 'core.sparseCheckout', 'true');
    await git('config', 'alias.ls-files', '!false');
    await git('config', 'core.worktree', '/nowhere');
    writeFileSync(join(path, 'src/.git'), 'gitdir: /nowhere\n');
  },
  'it becomes a repository of its own': async (path, git) => {
    unlinkSync(join(path, '.git'));
    await git('init', '--quiet');
    await git('add', '--all');
    await git('-c', 'user.name=a', '-c', 'user.email=b', 'commit', '--quiet', '--message', 'own');
  },
  'git gathers its objects and drops what nobody names': async (path, git) => {
    await git('commit', '--quiet', '--allow-empty', '--message', 'one');
    await git('reset', '--quiet', '--hard', 'HEAD~1');
    await git('reflog', 'expire', '--expire=now', '--all');
    await git('gc', '--quiet', '--prune=now');
    await git('worktree', 'prune');
    writeFileSync(join(path, 'src/app.js'), 'after');
  },
  'a pipe and files with two names are made': (path) => {
    execFileSync('mkfifo', [join(path, 'src/pipe')]);
    linkSync(join(path, 'src/app.js'), join(path, 'src/second-name.js'));
    linkSync(join(path, 'generated/client.js'), join(path, 'second-name.js'));
    appendFileSync(join(path, 'second-name.js'), 'by its other name');
    appendFileSync(join(path, 'src/second-name.js'), 'by its other name');
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
