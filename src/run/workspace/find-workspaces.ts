// What the `workspace` options name, looked at before anything is made: the repositories, and what is to be linked.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { invalidOptions, type Mistake } from '../../config/mistake.ts';
import type { ResolvedStacks, ResolvedWorkspace } from '../../config/resolved.ts';
import { tryGit } from '../../workspace/git.ts';
import { pathInside } from '../../workspace/inside.ts';
import { findRepository, type UserRepository } from '../../workspace/user-repository.ts';

export interface FoundWorkspace {
  readonly options: ResolvedWorkspace;
  readonly user: UserRepository;
  /** Relative to the checkout. */
  readonly links: readonly string[];
}

/** By variant. @throws WORKSPACE_UNFIT, OPTIONS_INVALID */
export async function findWorkspaces({ variants, root }: ResolvedStacks): Promise<ReadonlyMap<string, FoundWorkspace>> {
  const found = new Map<string, FoundWorkspace>();
  const mistakes: Mistake[] = [];
  for (const [name, { workspace: options }] of variants) {
    if (!options) continue;
    const user = await findRepository(options.repo, options.base);
    const links: string[] = [];
    for (const [index, path] of (options.link ?? [join(root, 'node_modules')]).entries()) {
      const inside = pathInside(user.top, path);
      const text = await wrongLink(path, inside, user);
      if (text === undefined && inside !== undefined) links.push(inside);
      else if (options.link) mistakes.push({ path: `${options.option}.link[${index}]`, text: text ?? '' });
    }
    found.set(name, { options, user, links });
  }
  if (mistakes.length > 0) throw invalidOptions(mistakes);
  return found;
}

async function wrongLink(
  path: string,
  inside: string | undefined,
  { top }: UserRepository,
): Promise<string | undefined> {
  if (!inside) return `must be inside the checkout, ${top}`;
  if (!existsSync(path)) return `does not exist: ${path}`;
  const { stdout } = await tryGit(['ls-files', '-z', '--', `:(top,literal)${inside}`], { cwd: top });
  return stdout === '' ? undefined : 'is committed: every worktree has its own';
}
