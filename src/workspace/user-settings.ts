// What the user's checkout has beside commits and files, for a repository that is to work like it: settings, hooks,
// excluded paths, attributes, branches and tags. Not its remotes: nothing is to be pushed by a test.
import { constants, cpSync, existsSync, lstatSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { appendFile, copyFile } from 'node:fs/promises';
import { isAbsolute, join } from 'node:path';
import { fields, git } from './git.ts';
import type { UserRepository } from './user-repository.ts';

interface Setting {
  readonly scope: string;
  readonly key: string;
  /** Undefined: it is named without a value, which means true. */
  readonly value: string | undefined;
}

/** About the user's folders, remotes and housekeeping. */
const NOT_CARRIED =
  /^(remote|branch|submodule|include|includeif|extensions|gc|maintenance)\.|^core\.(bare|worktree|repositoryformatversion|hookspath|fsmonitor|untrackedcache|logallrefupdates)$/;

/** For whoever has no name of their own: git does not commit without one. */
const NOBODY = ['user.name\nPlaywright Stacks', 'user.email\nplaywright-stacks@localhost'];

export async function copySettings(user: UserRepository, bare: string): Promise<void> {
  const [theirs, ours] = await Promise.all([settingsOf(user.top), settingsOf(bare, ['--git-dir', bare])]);
  const known = new Set(ours.map(said));
  // `includeIf "gitdir:…"` of the user's own file includes nothing for a repository elsewhere.
  const wanted = theirs.filter((each) => {
    const isOfCheckout = each.scope === 'local' || each.scope === 'worktree';
    return !NOT_CARRIED.test(each.key) && (isOfCheckout || (each.scope === 'global' && !known.has(said(each))));
  });
  const hooks = theirs.findLast(({ key }) => key === 'core.hookspath')?.value;
  if (hooks !== undefined)
    wanted.push({ scope: 'local', key: 'core.hooksPath', value: await hooksFolder(user, hooks) });
  else copyHooks(join(user.commonDir, 'hooks'), join(bare, 'hooks'));
  const fixed = [
    ...['core.logAllRefUpdates\ntrue', 'gc.auto\n0', 'maintenance.auto\nfalse'],
    ...(isNobody([...ours, ...wanted]) ? NOBODY : []),
  ].map((text) => parse('local', text));
  await appendFile(join(bare, 'config'), [...wanted, ...fixed].map(toText).join(''));
}

/** Paths that are excluded, attributes, what a sparse checkout has, and where a shallow history ends. */
export async function copyInfo(user: UserRepository, bare: string, excluded: readonly string[]): Promise<void> {
  mkdirSync(join(bare, 'info'), { recursive: true });
  const copy = async (from: string, to: string) => {
    if (existsSync(from)) await copyFile(from, join(bare, to));
  };
  await copy(join(user.commonDir, 'info/exclude'), 'info/exclude');
  await copy(join(user.commonDir, 'info/attributes'), 'info/attributes');
  await copy(join(user.gitDir, 'info/sparse-checkout'), 'info/sparse-checkout');
  await copy(join(user.commonDir, 'shallow'), 'shallow');
  await appendFile(
    join(bare, 'info/exclude'),
    excluded.map((path) => `\n/${path.replace(/[\\*?[ ]/g, '\\$&')}\n`).join(''),
  );
}

/** As `packed-refs`: the user's branches and tags. */
export async function copyRefs(user: UserRepository, bare: string): Promise<void> {
  const format = '%(objectname) %(refname)';
  const refs = await git(['for-each-ref', `--format=${format}`, 'refs/heads', 'refs/tags'], { cwd: user.top });
  writeFileSync(join(bare, 'packed-refs'), refs);
}

async function settingsOf(cwd: string, repository: readonly string[] = []): Promise<Setting[]> {
  const list = fields(await git([...repository, 'config', '--list', '--show-scope', '-z'], { cwd }));
  const all = list.flatMap((text, index) => (index % 2 === 1 ? [parse(list[index - 1] ?? '', text)] : []));
  return all.filter(({ scope }) => scope !== 'command');
}

function parse(scope: string, text: string): Setting {
  const end = text.indexOf('\n');
  return end < 0
    ? { scope, key: text, value: undefined }
    : { scope, key: text.slice(0, end), value: text.slice(end + 1) };
}

function said({ key, value }: Setting): string {
  return `${key}\n${value}`;
}

function isNobody(settings: readonly Setting[]): boolean {
  const { GIT_AUTHOR_EMAIL, EMAIL } = process.env;
  return !GIT_AUTHOR_EMAIL && !EMAIL && !settings.some(({ key }) => key === 'user.email');
}

/** As a section of a config file. */
function toText({ key, value }: Setting): string {
  const parts = key.split('.');
  const [section = '', name = ''] = [parts[0], parts.at(-1)];
  const subsection = parts.slice(1, -1).join('.');
  const title = subsection === '' ? section : `${section} "${subsection.replace(/["\\]/g, '\\$&')}"`;
  const escaped = value?.replace(/["\\]/g, '\\$&').replaceAll('\n', '\\n').replaceAll('\t', '\\t');
  return `[${title}]\n\t${name}${value === undefined ? '' : ` = "${escaped}"`}\n`;
}

/** A folder that nobody has committed (`.husky/_`) is not in a worktree: the user's own is used. */
async function hooksFolder({ top, start }: UserRepository, folder: string): Promise<string> {
  if (isAbsolute(folder) || folder.startsWith('~') || !existsSync(join(top, folder))) return folder;
  const committed = await git(['ls-tree', '-r', '-z', '--name-only', start, '--', folder], { cwd: top });
  return committed === '' ? join(top, folder) : folder;
}

/** A tool that installs hooks is not to install them in the user's repository: they are copied. */
function copyHooks(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(to, { recursive: true });
  for (const name of readdirSync(from)) {
    if (name.endsWith('.sample')) continue;
    const isProgram = (lstatSync(join(from, name)).mode & constants.S_IXUSR) !== 0;
    if (isProgram) cpSync(join(from, name), join(to, name), { recursive: true, dereference: true });
  }
}
