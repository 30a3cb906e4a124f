// Which paths of some folders have moved: a watcher on each folder below them. One queue of the kernel has all of its
// events, in order: when that of a sentinel file of ours arrives, nothing that happened before is under way.
import { type FSWatcher, readdirSync, readFileSync, unlinkSync, watch, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inTime } from '../wait.ts';
import { statOf } from './file-state.ts';

export interface WatchedFolder {
  readonly path: string;
  /** `below`: its folders, too; `itself`: only what is directly in it. */
  readonly depth: 'below' | 'itself';
  /** The name of an entry that is not looked into. */
  readonly except?: string;
}

/** `lost`: the watch may have missed something. */
export interface Moved {
  readonly paths: Set<string>;
  /** Of them, those that were made, removed or replaced. */
  readonly renamed: Set<string>;
  readonly lost: boolean;
}

/** Milliseconds until the sentinel's event is there. */
const SENTINEL_TIMEOUT_MS = 5_000;
/** Paths above which looking at all is cheaper. */
const MOST_PATHS = 5_000;

export class TreeWatch {
  readonly #folders: readonly WatchedFolder[];
  readonly #sentinels: string;
  readonly #watched = new Map<string, FSWatcher>();
  readonly #mostEvents = mostEvents();
  #moved: Moved = nothing();
  /** Events since the loop has last come round: where the kernel's queue ran over there were as many as it holds. */
  #burst = 0;
  #count = 0;
  #onSentinel: ((name: string) => void) | undefined;
  readonly #sentinelWatcher: FSWatcher;

  /** @param sentinels a folder that nobody else writes to */
  constructor(folders: readonly WatchedFolder[], sentinels: string) {
    this.#folders = folders;
    this.#sentinels = sentinels;
    this.#sentinelWatcher = watch(sentinels, { persistent: false }, (_, name) => this.#onSentinel?.(name ?? ''));
    this.restart();
  }

  /** Watches all folders that there are now. What moved before it is forgotten. */
  restart(): void {
    for (const { path } of this.#folders) this.#forget(path);
    this.#moved = nothing();
    for (const { path, depth } of this.#folders) this.#watch(path, depth, 'known');
  }

  /** What has moved since this was last asked, or since the watch began. */
  async take(): Promise<Moved> {
    const arrived = await this.#sentinel();
    const moved = this.#moved;
    this.#moved = nothing();
    // Elsewhere than on Linux nothing is known of the order of events.
    return arrived && process.platform === 'linux' ? moved : { ...moved, lost: true };
  }

  close(): void {
    this.#sentinelWatcher.close();
    for (const watcher of this.#watched.values()) watcher.close();
    this.#watched.clear();
  }

  async #sentinel(): Promise<boolean> {
    this.#count += 1;
    const name = `${process.pid}-${this.#count}`;
    const arrived = new Promise<true>((resolve) => {
      this.#onSentinel = (seen) => seen === name && resolve(true);
    });
    const file = join(this.#sentinels, name);
    try {
      writeFileSync(file, '');
      return (await inTime(SENTINEL_TIMEOUT_MS, arrived)) ?? false;
    } finally {
      this.#onSentinel = undefined;
      unlinkSync(file);
    }
  }

  /** `new`: all that is in it has moved. */
  #watch(path: string, depth: WatchedFolder['depth'], age: 'known' | 'new'): void {
    try {
      const watcher = watch(path, { persistent: false }, (event, name) => this.#note(path, depth, event, name));
      watcher.on('error', () => this.#lose());
      this.#watched.set(path, watcher);
    } catch {
      // There are no watches left; or it is gone again, which is an event of the folder above.
      if (statOf(path)) this.#lose();
      return;
    }
    if (depth === 'itself' && age === 'known') return;
    this.#scan(path, depth, age);
  }

  #scan(path: string, depth: WatchedFolder['depth'], age: 'known' | 'new'): void {
    for (const entry of entriesOf(path)) {
      const child = join(path, entry.name);
      if (this.#isExcepted(path, entry.name)) continue;
      if (age === 'new') this.#add(child, 'rename');
      if (entry.isDirectory() && depth === 'below') this.#watch(child, depth, age);
    }
  }

  #note(folder: string, depth: WatchedFolder['depth'], event: string, name: string | null): void {
    if (this.#burst === 0) setImmediate(() => (this.#burst = 0)).unref();
    this.#burst += 1;
    if (name === null || this.#burst > this.#mostEvents) this.#lose();
    if (name === null || this.#moved.lost || this.#isExcepted(folder, name)) return;
    const path = join(folder, name);
    this.#add(path, event);
    if (event !== 'rename' || depth !== 'below') return;
    // One that was removed and made again may have got the same inode; its watcher is gone.
    this.#forget(path);
    if (statOf(path)?.isDirectory()) this.#watch(path, depth, 'new');
  }

  #add(path: string, event: string): void {
    this.#moved.paths.add(path);
    if (event === 'rename') this.#moved.renamed.add(path);
    if (this.#moved.paths.size > MOST_PATHS) this.#lose();
  }

  #lose(): void {
    this.#moved = { ...this.#moved, lost: true };
  }

  /** A folder that is gone, and those in it. */
  #forget(path: string): void {
    for (const [each, watcher] of this.#watched) {
      if (each !== path && !each.startsWith(`${path}/`)) continue;
      watcher.close();
      this.#watched.delete(each);
    }
  }

  #isExcepted(folder: string, name: string): boolean {
    return this.#folders.some(({ path, except }) => path === folder && except === name);
  }
}

function nothing(): Moved {
  return { paths: new Set(), renamed: new Set(), lost: false };
}

function entriesOf(path: string) {
  try {
    return readdirSync(path, { withFileTypes: true });
  } catch {
    return []; // it is gone again, which is an event of the folder above
  }
}

/** Half of what the kernel's queue holds. */
function mostEvents(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) / 2;
  } catch {
    return Number.POSITIVE_INFINITY; // not Linux
  }
}
