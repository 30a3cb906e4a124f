// At the end of a run: which slots' commits conflict, emitted as an event, and what is published.
import { existsSync } from 'node:fs';
import { StacksError } from '../../errors.ts';
import type { Events } from '../../events.ts';
import { findConflicts, type Overlaps } from '../../workspace/commits.ts';
import { publish } from '../../workspace/publish.ts';
import type { RunRepository } from '../../workspace/run-repository.ts';

/** @throws WORKSPACE_FAILED where somebody has removed the run's repository, with all worktrees */
export function mustBeThere({ bare }: RunRepository): void {
  if (existsSync(bare)) return;
  throw new StacksError('WORKSPACE_FAILED', `${bare} was removed during the run.`, {
    hint: 'the worktrees of a run are in the temporary folder: let nothing clean it up meanwhile, or set TMPDIR to another.',
  });
}

export async function tellCommits(
  all: readonly { readonly repository: RunRepository; readonly publish: boolean }[],
  events: Events,
): Promise<void> {
  for (const { repository, publish: isPublished } of all) {
    const { bare, base, user } = repository;
    mustBeThere(repository);
    const overlaps = await findConflicts({ bare, base, objects: user.objects });
    if (overlaps.pairs > 0) events.emit({ type: 'conflicts', ...presented(overlaps) });
    if (!isPublished) continue;
    const branches = await publish(repository);
    if (branches.length > 0) events.emit({ type: 'published', branches });
  }
}

function presented({ conflicts, pairs, compared }: Overlaps) {
  return {
    conflicts: conflicts.map(({ files, between }) => ({
      files,
      slots: between.map(({ branch }) => slotOf(branch)),
      commits: between.map(({ commit }) => commit),
    })),
    pairs,
    compared,
  };
}

/** `stk_<run>_<slot>` and perhaps a variant. */
function slotOf(branch: string): number {
  return Number(branch.split('_')[2]);
}
