// A worktree under tests: which of its paths have moved, and the way back. Three moments, as for databases: the base, where
// every lease starts; the baseline, where every group starts; the mark, where the test that runs has started.
import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { assertThere, type Base, readBase, touchedFiles } from './base.ts';
import { Blobs } from './blobs.ts';
import { type CarriedFiles, carry, unpack } from './carried.ts';
import { type FileState, hasOtherNames, isReadable, stateOf, statOf } from './file-state.ts';
import { type Restoring, restore } from './restore.ts';
import type { Worktree } from './run-repository.ts';
import { type Saved, type SavedFiles, save } from './saved.ts';
import { walk } from './walk.ts';
import { TreeWatch } from './watch.ts';

/** What a reset did. `full`: all was looked at, and not only what is known to have moved. */
export interface WorkspaceReset {
  readonly paths: number;
  readonly look: 'known' | 'full';
  /** Files of the slot's repository were among them. */
  readonly repository: boolean;
}

/** What was written before the group and before the test, beyond the base. */
export interface Written {
  readonly baseline: CarriedFiles;
  readonly mark: CarriedFiles;
  /** Files of git's own are among them. */
  readonly isOfGit: boolean;
}

export class WatchedWorkspace {
  readonly worktree: Worktree;
  /** `always`: what is written through a memory map is found, too. */
  readonly #fullLook: 'always' | 'when needed';
  readonly #base: Base;
  readonly #layers: string;
  readonly #blobs: Blobs;
  #copies = 0;
  #baseline: SavedFiles = new Map();
  #mark: SavedFiles = new Map();
  /** Paths that have moved, and are not known to be as they were. */
  #moved = new Set<string>();
  readonly #states: Map<string, FileState>;
  readonly #watch: TreeWatch;
  private constructor(worktree: Worktree, base: Base, fullLook: 'always' | 'when needed') {
    this.worktree = worktree;
    this.#fullLook = fullLook;
    this.#base = base;
    this.#blobs = new Blobs(base.git);
    this.#states = base.states;
    this.#layers = join(worktree.base, `layers-${process.pid}`);
    const sentinels = join(worktree.base, 'sentinels');
    mkdirSync(sentinels, { recursive: true });
    const { path, bare, folder } = worktree;
    this.#watch = new TreeWatch(
      [
        { path, depth: 'below' },
        { path: bare, depth: 'below', except: 'objects' },
        { path: folder, depth: 'itself' },
      ],
      sentinels,
    );
  }

  /** Of a worktree whose base was taken: all that is not as it was then has moved. */
  static async open(worktree: Worktree, fullLook: 'always' | 'when needed'): Promise<WatchedWorkspace> {
    const workspace = new WatchedWorkspace(worktree, await readBase(worktree), fullLook);
    try {
      assertThere(worktree, workspace.#base);
      await workspace.#lookAtAll();
    } catch (error) {
      workspace.close();
      throw error;
    }
    return workspace;
  }

  /** What hooks and worker fixtures wrote, for a fresh worktree in the place of this one; of git, all but the objects. */
  takeWritten(): Written {
    const isOfGit = [...this.#baseline.keys(), ...this.#mark.keys()].some((path) => this.#isOfRepository(path));
    return { baseline: carry(this.#baseline), mark: carry(this.#mark), isOfGit };
  }

  /** Writes it into this worktree, which is at its base. */
  async putWritten({ baseline, mark }: Omit<Written, 'isOfGit'>): Promise<void> {
    this.#baseline = unpack(baseline, join(this.#layers, 'baseline'));
    this.#mark = unpack(mark, join(this.#layers, 'mark'));
    await this.#restore([...new Set([...baseline.keys(), ...mark.keys()])]);
  }

  async resetToMark(): Promise<WorkspaceReset> {
    const look = await this.#look();
    const paths = [...this.#moved];
    await this.#restore(paths);
    this.#moved.clear();
    return { paths: paths.length, look, repository: paths.some((path) => this.#isOfRepository(path)) };
  }

  async resetToBaseline(): Promise<WorkspaceReset> {
    await this.#look();
    for (const path of this.#mark.keys()) {
      this.#moved.add(path);
      this.#states.delete(path);
    }
    this.#mark = new Map();
    return this.resetToMark();
  }

  /** What is there now is what the next test starts from. */
  async moveMark(): Promise<void> {
    await this.#look();
    this.#keep(this.#moved, this.#mark);
    this.#moved.clear();
  }

  /** What is there now is what the groups of this lease start from. */
  async moveBaseline(): Promise<void> {
    await this.moveMark();
    for (const [path, saved] of this.#mark) this.#baseline.set(path, saved);
    this.#mark = new Map();
  }

  /** The paths of the checkout that are not as they were at the mark. */
  async changed(): Promise<string[]> {
    await this.#look();
    const { path } = this.worktree;
    return [...this.#moved].filter((each) => each.startsWith(`${path}/`) && each !== join(path, '.git')).sort();
  }

  /** Whether any file of the slot's repository is not as it was at the mark. */
  async hasRepositoryMoved(): Promise<boolean> {
    await this.#look();
    return [...this.#moved].some((path) => this.#isOfRepository(path));
  }

  /** What was at a path at the mark. */
  before(path: string): Saved {
    const { saved, tracked, folders } = this.#base;
    const layered = this.#mark.get(path) ?? this.#baseline.get(path) ?? saved.get(path);
    if (layered) return layered;
    if (tracked.has(path)) return { type: 'tracked' };
    return { type: folders.has(path) ? 'folder' : 'absent' };
  }

  /** What a git command needs that is about the base, whatever tests have done to the slot's repository. */
  get git(): Base['git'] {
    return this.#base.git;
  }

  close(): void {
    this.#blobs.close();
    this.#watch.close();
    rmSync(this.#layers, { recursive: true, force: true });
  }

  /** Adds what has moved since the last look. */
  async #look(): Promise<WorkspaceReset['look']> {
    const { paths, renamed, lost } = await this.#watch.take();
    assertThere(this.worktree, this.#base);
    if (lost) this.#watch.restart();
    let isFull = lost || this.#fullLook === 'always';
    for (const path of isFull ? [] : paths) {
      if (renamed.has(path) && this.before(path).type === 'folder') this.#addBelow(path);
      if (this.#isAsItWas(path)) isFull ||= !isReadable(path);
      else this.#moved.add(path);
      // What is written to a file by one of its names is an event of that name only.
      isFull ||= this.#moved.has(path) && hasOtherNames(path);
    }
    if (isFull) await this.#lookAtAll();
    return isFull ? 'full' : 'known';
  }

  /** A folder that was removed or exchanged: all that was and is in it. */
  #addBelow(folder: string): void {
    const { saved, tracked, folders } = this.#base;
    for (const known of [tracked.keys(), saved.keys(), folders, this.#mark.keys(), this.#baseline.keys()]) {
      for (const path of known) if (path.startsWith(`${folder}/`) && !this.#isAsItWas(path)) this.#moved.add(path);
    }
  }

  async #lookAtAll(): Promise<void> {
    const { path, bare, folder } = this.worktree;
    const { tracked, folders } = this.#base;
    const [inCheckout, inRepository] = [walk(path), walk(bare, 'objects')];
    const own = inCheckout.files.filter((each) => !tracked.has(each));
    for (const each of own)
      if (!isReadable(each) && this.before(each).type === 'absent') throw new Error(`the name of ${each} is not UTF-8`);
    const found = [...inCheckout.folders, ...own, ...inRepository.folders, ...inRepository.files];
    const beside = readdirSync(folder).map((name) => join(folder, name));
    const touched = await touchedFiles(this.worktree, this.#base);
    for (const each of [...touched, ...found, ...beside, ...folders, ...this.#savedPaths()])
      if (!this.#isAsItWas(each)) this.#moved.add(each);
  }

  #savedPaths(): string[] {
    return [...this.#base.saved.keys(), ...this.#baseline.keys(), ...this.#mark.keys()];
  }

  #isOfRepository(path: string): boolean {
    return path.startsWith(`${this.worktree.bare}/`);
  }

  #isAsItWas(path: string): boolean {
    const { folder, path: checkout, bare, base } = this.worktree;
    if (path === checkout || path === bare || path === base || path === folder) return true;
    const was = this.before(path).type;
    const stats = statOf(path);
    if (!stats || was === 'absent') return !stats && was === 'absent';
    if (was === 'folder') return stats.isDirectory() && (stats.mode & 0o700n) === 0o700n;
    return this.#states.get(path) === stateOf(stats);
  }

  async #restore(paths: readonly string[]): Promise<void> {
    const { path, bare, folder, base } = this.worktree;
    const restoring: Restoring = {
      roots: [path, bare, folder],
      checkout: path,
      wanted: (each) => this.before(each),
      git: this.#base.git,
      committed: (each) => this.#base.tracked.get(each),
      blobs: this.#blobs,
      scratch: base,
      done: (each, state) => (state === undefined ? this.#states.delete(each) : this.#states.set(each, state)),
    };
    // They decide how the others are checked out.
    const isFirst = (each: string) => basename(each) === '.gitattributes';
    await restore(paths.filter(isFirst), restoring);
    await restore(
      paths.filter((each) => !isFirst(each)),
      restoring,
    );
  }

  #keep(paths: Iterable<string>, into: SavedFiles): void {
    for (const path of paths) {
      this.#copies += 1;
      into.set(path, save(path, join(this.#layers, String(this.#copies))));
      const stats = statOf(path);
      if (stats) this.#states.set(path, stateOf(stats));
      else this.#states.delete(path);
    }
  }
}
