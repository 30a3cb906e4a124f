// What is written into a checkout, by looking at it twice: files by their time and size.
import { lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { StampedEvent } from '../../events.ts';

export type CheckoutFiles = ReadonlyMap<string, string>;

const MOST_FILES = 200_000;
/** Looked at in `node_modules` is what tools keep there (`.cache`, `.vite`), but not what we do. */
const isLeftOut = (folder: string, name: string) => {
  if (folder.endsWith('node_modules')) return !name.startsWith('.') || name === '.bin';
  return name === '.git' || (folder.endsWith('.cache') && name === 'playwright-stacks');
};

/** By path below `root`. @throws where there are too many to look at */
export function checkoutFiles(root: string): CheckoutFiles {
  const found = new Map<string, string>();
  const open = [root];
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    for (const entry of entriesOf(folder)) {
      const path = join(folder, entry.name);
      if (isLeftOut(folder, entry.name)) continue;
      if (entry.isDirectory()) open.push(path);
      else found.set(relative(root, path), stampOf(path));
    }
    if (found.size > MOST_FILES) throw new Error(`${root} has more than ${MOST_FILES} files: too many to look at.`);
  }
  return found;
}

/** Those that were made, changed or removed in between. */
export function changedFiles(before: CheckoutFiles, after: CheckoutFiles): string[] {
  const paths = new Set([...before.keys(), ...after.keys()]);
  return [...paths].filter((path) => before.get(path) !== after.get(path) && !OF_PLAYWRIGHT.test(path)).sort();
}

/** Those of `paths` that `build` has written, by their times, as the run tells when it ran. */
export function builtFiles(paths: readonly string[], files: CheckoutFiles, events: readonly StampedEvent[]): string[] {
  const built = events.find((event) => event.type === 'built');
  if (built?.type !== 'built' || built.reused) return [];
  return paths.filter((path) => {
    const time = Number(files.get(path)?.split(' ')[0]);
    return time >= built.at - built.ms - CLOCK_MS && time <= built.at;
  });
}

/** Files have their times from a clock that is behind by up to a tick, and `ms` is rounded. */
const CLOCK_MS = 20;

/** Without the report that the run itself has written. */
export function withoutReport(paths: readonly string[], root: string, events: readonly StampedEvent[]): string[] {
  const reports = events.flatMap((event) =>
    event.type === 'report-written' ? [event.file, ...(event.trace === undefined ? [] : [event.trace])] : [],
  );
  return paths.filter((path) => !reports.includes(join(root, path)));
}

/** What Playwright writes itself, and the servers' logs below its `outputDir`. */
const OF_PLAYWRIGHT = /^(test-results|playwright-report|blob-report)\/|(^|\/)stacks\/slot-\d+-[^/]+\.log$/;

/** `.next (12 files), uploads/a.png` */
export function inShort(paths: readonly string[]): string {
  const groups = new Map<string, string[]>();
  for (const path of paths) {
    const top = path.split('/')[0] ?? path;
    groups.set(top, [...(groups.get(top) ?? []), path]);
  }
  const shown = [...groups].map(([top, all]) => (all.length === 1 ? all[0] : `${top} (${all.length} files)`));
  return shown.length > 5 ? `${shown.slice(0, 5).join(', ')} and ${shown.length - 5} more` : shown.join(', ');
}

function entriesOf(folder: string) {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return []; // It was removed meanwhile, or is not ours to read.
  }
}

function stampOf(path: string): string {
  const found = lstatSync(path, { throwIfNoEntry: false });
  return found ? `${found.mtimeMs} ${found.size}` : '';
}
