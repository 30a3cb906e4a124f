// The project as init reads it: its files as text, bounded, never executed.
import { existsSync, readdirSync, readFileSync, realpathSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';
import { lineAt, readSource } from '../config/source-files.ts';
import { type RefusedScript, usableScripts } from './remote.ts';

export interface Project {
  /** Absolute: the nearest folder with the application's own manifest. */
  readonly folder: string;
  /** Those that may be used. */
  readonly scripts: Readonly<Record<string, string>>;
  /** Those that may reach a database which is not the slot's. */
  readonly refused: readonly RefusedScript[];
  /** Of all kinds, by name. */
  readonly dependencies: ReadonlySet<string>;
  /** `prisma`, `packageManager`, `type`, `workspaces`. */
  readonly manifest: Readonly<Record<string, unknown>>;
}

const MOST_BYTES = 256 * 1024;
const MOST_NAMES = 2_000;

/** @throws where `package.json` cannot be understood: nothing can be said of the project then */
export function openProject(folder: string): Project {
  const manifest = manifestOf(folder);
  const names = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];
  return {
    folder: realpathSync(folder),
    manifest,
    ...usableScripts(strings(manifest.scripts), join(folder, 'package.json')),
    dependencies: new Set(names.flatMap((name) => Object.keys(strings(manifest[name])))),
  };
}

/** As text without comments, lines where they were; undefined: there is none that was written by hand. */
export function sourceOf({ folder }: Pick<Project, 'folder'>, file: string): string | undefined {
  return readSource(join(folder, file));
}

/** The first of `files` that is there. */
export function firstOf(project: Project, files: readonly string[]): string | undefined {
  return files.find((file) => isFile(join(project.folder, file)));
}

/** `name` with each ending that a config in JavaScript or TypeScript may have. */
export function configNames(name: string, endings = 'ts mts cts js mjs cjs'): string[] {
  return endings.split(' ').map((ending) => `${name}.${ending}`);
}

export function isFile(path: string): boolean {
  return statsOf(path)?.isFile() ?? false;
}

export function isFolder(path: string): boolean {
  return statsOf(path)?.isDirectory() ?? false;
}

/** Undefined: there is nothing, or nothing that may be looked at. */
function statsOf(path: string): Stats | undefined {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}

/** What is in a folder of the project; none where there is no such folder. */
export function namesIn(project: Pick<Project, 'folder'>, folder: string): string[] {
  try {
    return readdirSync(join(project.folder, folder)).slice(0, MOST_NAMES).sort();
  } catch {
    return [];
  }
}

/** `prisma/schema.prisma:4`. */
export function at(file: string, text: string, index: number): string {
  return `${file}:${lineAt(text, Math.max(0, index))}`;
}

/** Where `package.json` has a key, or a dependency. */
export function atKey({ folder }: Project, key: string): string {
  const text = sourceOf({ folder }, 'package.json') ?? '';
  return at('package.json', text, text.indexOf(`"${key}"`));
}

function manifestOf(folder: string): Record<string, unknown> {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return {};
  if (!isFile(path) || statSync(path).size > MOST_BYTES) {
    throw new Error('package.json is no file, or larger than 256 kB: nothing was changed.');
  }
  try {
    const parsed: unknown = JSON.parse(readFileSync(path, 'utf8').replace(/^\uFEFF/, ''));
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : {};
  } catch (cause) {
    throw new Error('package.json is not valid JSON: nothing was changed.', { cause });
  }
}

function strings(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null) return {};
  return Object.fromEntries(
    Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}
