// The worktree of a session's stack, if it has one. Where it cannot be brought back it is made anew, with all of the stack.
import { messageOf } from '../errors.ts';
import type { Origin, WorkerEvent } from '../events.ts';
import type { WorkspaceInfo } from '../lease/run-file.ts';
import { RewindImpossible } from '../rewind/impossible.ts';
import type { Written } from '../workspace/watched-workspace.ts';
import { LeasedWorkspace } from './leased-workspace.ts';

/** Of hooks and worker fixtures. */
const NOBODY: Origin = { test: undefined, scope: 'group' };

export class ReplaceableWorkspace {
  readonly #emit: (event: WorkerEvent) => void;
  readonly #openFresh: (error: RewindImpossible, origin: Origin) => Promise<void>;
  #leased: LeasedWorkspace | undefined;

  /** @param openFresh opens a fresh stack, the worktree of which this one is to `open` */
  constructor(
    emit: (event: WorkerEvent) => void,
    openFresh: (error: RewindImpossible, origin: Origin) => Promise<void>,
  ) {
    this.#emit = emit;
    this.#openFresh = openFresh;
  }

  /** Undefined: the stack has none. */
  get leased(): LeasedWorkspace | undefined {
    return this.#leased;
  }

  /** Of a lease that begins. One that somebody has removed or damaged meanwhile is made anew. */
  async begin(info: WorkspaceInfo | undefined, origin: Origin): Promise<void> {
    try {
      await this.open(info);
    } catch (error) {
      await this.#openFresh(new RewindImpossible('worktree', messageOf(error), error), origin);
    }
  }

  async open(info: WorkspaceInfo | undefined): Promise<void> {
    this.#leased?.close();
    this.#leased = info && (await LeasedWorkspace.open(info, this.#emit));
  }

  /** What hooks and worker fixtures wrote, for the fresh one. Throws where that could not have all of it. */
  async takeWritten(): Promise<Written | undefined> {
    return this.#leased?.takeWritten();
  }

  async putWritten(written: Written | undefined): Promise<void> {
    if (written) await this.#leased?.putWritten(written);
  }

  moveMark(origin: Origin): Promise<void> {
    return this.#orFresh(origin, (workspace) => workspace.moveMark());
  }

  moveBaseline(): Promise<void> {
    return this.#orFresh(NOBODY, (workspace) => workspace.moveBaseline());
  }

  keepCommits(origin: Origin): Promise<void> {
    return this.#orFresh(origin, (workspace) => workspace.keepCommits(origin));
  }

  resetToMark(origin: Origin): Promise<void> {
    return this.#orFresh(origin, (workspace) => workspace.resetToMark(origin));
  }

  resetToBaseline(origin: Origin): Promise<void> {
    return this.#orFresh(origin, (workspace) => workspace.resetToBaseline(origin));
  }

  async #orFresh(origin: Origin, work: (workspace: LeasedWorkspace) => Promise<void>): Promise<void> {
    if (!this.#leased) return;
    try {
      await work(this.#leased);
    } catch (error) {
      await this.#openFresh(new RewindImpossible('worktree', messageOf(error), error), origin);
    }
  }
}
