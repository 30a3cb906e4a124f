// The Playwright config that is meant, and the folder of the application that it is for.
import { existsSync, lstatSync, readdirSync, realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { configNames, isFile, isFolder } from './project.ts';

const CONFIG = /^playwright(?:[.-][\w.-]+)?\.config\.[cm]?[jt]s$/;
const MOST_FOLDERS = 500;
const MOST_DEPTH = 4;
const NOT_LOOKED_INTO = /^(node_modules|dist|build|out|coverage|vendor|target|tmp)$|^\./;

/** In the order in which Playwright looks for them. */
const USUAL = configNames('playwright.config', 'ts js mts mjs cts cjs');

/** What Playwright takes in a folder where none is named. */
export function usualConfig(folder: string): string | undefined {
  return USUAL.map((name) => join(folder, name)).find((path) => isFile(path) || isLink(path));
}

/** Also one that leads nowhere: what is wrong with it is said when it is read. */
function isLink(path: string): boolean {
  return lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink() ?? false;
}

/** Absolute paths: the one in `folder`, else those below it. `isUsual`: Playwright takes it by itself in its folder. */
export function findConfigs(folder: string): { readonly paths: string[]; readonly isUsual: boolean } {
  const own = usualConfig(folder);
  if (own !== undefined) return { paths: [own], isUsual: true };
  const found = below(folder);
  const usual = found.filter((path) => usualConfig(dirname(path)) === path);
  return { paths: usual.length > 0 ? usual : found, isUsual: usual.length > 0 };
}

/** A config for tests of components, which have a bundler's server and no application. */
export function isForComponents(text: string): boolean {
  return /['"]@playwright\/experimental-ct-/.test(text);
}

function below(folder: string): string[] {
  const found = configsIn(folder);
  let open = [{ path: folder, depth: 0 }];
  for (let looked = 0; open.length > 0 && looked < MOST_FOLDERS; looked += 1) {
    const [{ path, depth } = { path: folder, depth: MOST_DEPTH }, ...rest] = open;
    if (depth > 0) found.push(...configsIn(path));
    open = depth < MOST_DEPTH ? [...rest, ...foldersIn(path).map((each) => ({ path: each, depth: depth + 1 }))] : rest;
  }
  return found;
}

/** @throws where there is no such file */
export function namedConfig(folder: string, name: string): string {
  const path = resolve(folder, name);
  const inside = isFolder(path) ? usualConfig(path) : isFile(path) ? path : undefined;
  if (inside === undefined) throw new Error(`there is no Playwright config at ${name}: nothing was changed.`);
  return inside;
}

/** The nearest folder with a manifest, from the config's own up to the repository's root. */
export function applicationFolder(configFolder: string): string {
  for (let folder = configFolder; ; folder = dirname(folder)) {
    if (['package.json', 'manage.py', 'Gemfile'].some((name) => existsSync(join(folder, name)))) return folder;
    if (existsSync(join(folder, '.git')) || dirname(folder) === folder) return configFolder;
  }
}

/** A link would be replaced by a file: what it leads to is edited, where that is below `folder`. */
export function editedFile(folder: string, path: string): string {
  const real = realpathSync(path);
  const below = relative(realpathSync(folder), real);
  if (!below.startsWith('..')) return real;
  throw new Error(`${relative(folder, path)} is a link to a file outside of this folder: nothing was changed.`);
}

function configsIn(folder: string): string[] {
  return entriesOf(folder).flatMap(({ name, isOther }) => (!isOther && CONFIG.test(name) ? [join(folder, name)] : []));
}

/** Links are not followed. */
function foldersIn(folder: string): string[] {
  return entriesOf(folder).flatMap(({ name, isFolder: is }) =>
    is && !NOT_LOOKED_INTO.test(name) ? [join(folder, name)] : [],
  );
}

function entriesOf(folder: string): { readonly name: string; readonly isFolder: boolean; readonly isOther: boolean }[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .map((entry) => ({
        name: entry.name,
        isFolder: entry.isDirectory(),
        isOther: !entry.isFile() && !entry.isSymbolicLink(),
      }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch {
    return []; // A folder that may not be read.
  }
}
