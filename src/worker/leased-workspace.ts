// The worktree of a worker's stack, brought back where the databases are: to the mark after a test, to the baseline when a
// group begins. What a test has committed is kept before.
import type { Origin, TestRef, WorkerEvent } from '../events.ts';
import type { WorkspaceInfo } from '../lease/run-file.ts';
import { type FileChange, fileChanges, filePatch } from '../workspace/changes.ts';
import { findConflicts, keepCommits, type Overlaps } from '../workspace/commits.ts';
import { takeOwnObjects } from '../workspace/own-objects.ts';
import { WatchedWorkspace, type Written } from '../workspace/watched-workspace.ts';

export class LeasedWorkspace {
  readonly info: WorkspaceInfo;
  readonly #emit: (event: WorkerEvent) => void;
  readonly #watched: WatchedWorkspace;

  private constructor(info: WorkspaceInfo, watched: WatchedWorkspace, emit: (event: WorkerEvent) => void) {
    this.info = info;
    this.#watched = watched;
    this.#emit = emit;
  }

  /** Brings it back to where every lease starts, unless it is never to be. */
  static async open(info: WorkspaceInfo, emit: (event: WorkerEvent) => void): Promise<LeasedWorkspace> {
    const watched = await WatchedWorkspace.open(info, info.reset === 'full' ? 'always' : 'when needed');
    const workspace = new LeasedWorkspace(info, watched, emit);
    await workspace.keepCommits({ test: undefined, scope: 'group' });
    if (info.reset === 'never') await watched.moveBaseline();
    else await watched.resetToMark();
    return workspace;
  }

  /** What hooks and worker fixtures wrote, for a fresh worktree. Throws where that could not have all of it. */
  async takeWritten(): Promise<Written> {
    const written = this.#watched.takeWritten();
    if (written.isOfGit) await takeOwnObjects(this.info, this.#watched.git, this.info.run.bare);
    return written;
  }

  putWritten(written: Written): Promise<void> {
    return this.#watched.putWritten(written);
  }

  async resetToMark(origin: Origin): Promise<void> {
    if (this.info.reset === 'test' || this.info.reset === 'full') await this.#reset(origin, 'mark');
    else await this.moveMark();
  }

  async resetToBaseline(origin: Origin): Promise<void> {
    if (this.info.reset === 'never') await this.moveMark();
    else await this.#reset(origin, 'baseline');
  }

  /** What is there now is what the next test starts from. */
  moveMark(): Promise<void> {
    return this.#watched.moveMark();
  }

  /** What is there now is what the groups of this lease start from. */
  moveBaseline(): Promise<void> {
    return this.#watched.moveBaseline();
  }

  /** In the run's repository, until the end of the run. */
  async keepCommits(origin: Origin): Promise<void> {
    if (!(await this.#watched.hasRepositoryMoved())) return;
    const { path, branch, run } = this.info;
    // A repository that a test has damaged has nothing to keep; it is brought back.
    const refs = await keepCommits(path, branch, run).catch(() => []);
    if (refs.length > 0) this.#emit({ type: 'committed', ...origin, refs });
  }

  changes(): Promise<FileChange[]> {
    return fileChanges(this.#watched);
  }

  /** Empty: nothing has changed. */
  patch(): Promise<string> {
    return filePatch(this.#watched);
  }

  /** Of all that slots have committed until now. */
  async conflicts(test: TestRef): Promise<Overlaps> {
    await this.keepCommits({ test, scope: 'test' });
    return findConflicts(this.info.run);
  }

  close(): void {
    this.#watched.close();
  }

  async #reset(origin: Origin, to: 'mark' | 'baseline'): Promise<void> {
    await this.keepCommits(origin);
    const began = performance.now();
    const { paths, look } = await (to === 'mark' ? this.#watched.resetToMark() : this.#watched.resetToBaseline());
    if (paths === 0) return;
    const ms = Math.round(performance.now() - began);
    this.#emit({ type: 'worktree-reset', ...origin, paths, look, ms });
  }
}
