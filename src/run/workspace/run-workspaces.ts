// The worktrees of a run: the folder that has them, the run's repositories in it, and a worktree for each stack that opens.
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { JournalWriter } from '../../cleanup/journal.ts';
import type { Events } from '../../events.ts';
import { makePrivateFolder } from '../../files/private-folder.ts';
import type { WorkspaceInfo } from '../../lease/run-file.ts';
import type { Lifetime } from '../../lifetime.ts';
import { stackKey, workspacesPrefix } from '../../names.ts';
import { runTask } from '../../process/run-command.ts';
import { takeBase } from '../../workspace/base.ts';
import { pathInside } from '../../workspace/inside.ts';
import { OWNER_FILE, removeOwn, removeWorkspaces, repositoryName } from '../../workspace/remove.ts';
import { makeRunRepository, makeWorktree, planWorktree, type RunRepository } from '../../workspace/run-repository.ts';
import { asStep } from '../step-events.ts';
import { mustBeThere, tellCommits } from './commits.ts';
import type { FoundWorkspace } from './find-workspaces.ts';

export interface WorkspacesOptions {
  readonly run: string;
  /** The run's own folder. */
  readonly folder: string;
  readonly journal: JournalWriter;
  readonly events: Events;
  readonly lifetime: Lifetime;
  readonly signal: AbortSignal;
}

/** Milliseconds that removing all worktrees, or one, may take. */
const REMOVE_TIMEOUT_MS = 60_000;
/** And finding conflicts, and publishing. */
const COMMITS_TIMEOUT_MS = 60_000;

export class RunWorkspaces {
  readonly #options: WorkspacesOptions;
  readonly #folder: string;
  /** By variant. */
  readonly #found: ReadonlyMap<string, FoundWorkspace>;
  readonly #repositories: ReadonlyMap<string, RunRepository>;

  private constructor(
    options: WorkspacesOptions,
    folder: string,
    found: ReadonlyMap<string, FoundWorkspace>,
    repositories: ReadonlyMap<string, RunRepository>,
  ) {
    this.#options = options;
    this.#folder = folder;
    this.#found = found;
    this.#repositories = repositories;
  }

  /** Makes the folder and the run's repositories. `lifetime` removes them. */
  static async make(
    found: ReadonlyMap<string, FoundWorkspace>,
    options: WorkspacesOptions,
  ): Promise<RunWorkspaces | undefined> {
    if (found.size === 0) return undefined;
    const { run, journal, lifetime } = options;
    const users = [...new Set([...found.values()].map(({ user }) => user.commonDir))];
    const { path: folder, identity } = makePrivateFolder(tmpdir(), workspacesPrefix(run));
    let gone = (): void => {};
    const remove = () => removeWorkspaces({ run, folder, identity, users }).then(() => gone());
    lifetime.defer(`remove ${folder}`, remove, { timeout: REMOVE_TIMEOUT_MS });
    gone = journal.note({ kind: 'workspaces', folder, identity, users });
    const owner = { ...journal.head, folder: options.folder, users };
    writeFileSync(join(folder, OWNER_FILE), JSON.stringify(owner), { flag: 'wx', mode: 0o600 });
    const repositories = new Map<string, RunRepository>();
    for (const [variant, { user, options: asked }] of found) {
      const bare = join(folder, repositoryName(repositories.size + 1));
      const repository = await makeRunRepository(user, asked.base, bare);
      repositories.set(variant, repository);
    }
    const workspaces = new RunWorkspaces(options, folder, found, repositories);
    lifetime.defer('look at what was committed', () => tellCommits(workspaces.all(), options.events), {
      timeout: COMMITS_TIMEOUT_MS,
    });
    return workspaces;
  }

  all(): readonly { readonly repository: RunRepository; readonly publish: boolean }[] {
    return [...this.#repositories].map(([variant, repository]) => {
      return { repository, publish: this.#found.get(variant)?.options.publish === 'branch' };
    });
  }

  /** What the stack's worktree will be; undefined: its variant has none. */
  plan(slot: number, variant: string): WorkspaceInfo | undefined {
    const [found, repository] = [this.#found.get(variant), this.#repositories.get(variant)];
    if (!found || !repository) return undefined;
    const key = stackKey(this.#options.run, slot, variant);
    const { bare, base, user } = repository;
    const worktree = planWorktree(user, join(this.#folder, key), key);
    return { ...worktree, reset: found.options.reset, run: { bare, base, objects: user.objects } };
  }

  /** A folder of the user's checkout, as it is called in the worktree; one outside stays. */
  inside({ path }: WorkspaceInfo, variant: string, folder: string): string {
    const top = this.#found.get(variant)?.user.top;
    const inside = top === undefined ? undefined : pathInside(top, folder);
    return inside === undefined ? folder : join(path, inside);
  }

  /** Makes the worktree, with its links, and runs `setup`. What fails leaves nothing. */
  async open(info: WorkspaceInfo, slot: number, variant: string, root: string, lifetime: Lifetime): Promise<void> {
    const [found, repository] = [this.#found.get(variant), this.#repositories.get(variant)];
    if (!found || !repository) return;
    const { signal, journal, events } = this.#options;
    const { options, user, links } = found;
    lifetime.defer(`remove ${info.folder}`, () => removeOwn(info.folder, [user.commonDir]), {
      timeout: REMOVE_TIMEOUT_MS,
    });
    signal.throwIfAborted();
    mustBeThere(repository);
    await makeWorktree(repository, info, links);
    for (const link of links) {
      mkdirSync(dirname(join(info.path, link)), { recursive: true });
      symlinkSync(join(user.top, link), join(info.path, link));
    }
    const { setup } = options;
    if (!setup) return;
    const context = { path: info.path, slot, key: info.branch };
    const task = setup.kind === 'command' ? setup : { ...setup, run: () => setup.run(context) };
    await asStep(events, { step: `${options.option}.setup`, stack: { slot, variant } }, (onOutput) =>
      runTask(task, {
        title: `${options.option}.setup`,
        context: { url: '', env: { STACK_SLOT: String(slot), STACK_KEY: info.branch } },
        cwd: this.inside(info, variant, root),
        timeout: options.timeout,
        noteGroup: journal.noteGroup,
        signal,
        onOutput,
      }),
    );
  }

  /** What is there now is what tests start from. */
  async takeBase(info: WorkspaceInfo): Promise<void> {
    await takeBase(info);
  }
}
