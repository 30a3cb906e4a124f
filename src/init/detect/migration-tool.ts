// What is found of a tool that migrates the database: its commands, the files that it makes the database from, and where
// each of that is written.
import { join } from 'node:path';
import { isFile, isFolder, type Project, sourceOf } from '../project.ts';

export interface Step {
  /** What a script runs that does it. */
  readonly runs: RegExp;
  /** What does it where no script does. */
  readonly command: string;
  /** Variables that stand before either: `PGSSLMODE=disable `. */
  readonly before?: string;
  /** What stands behind either. */
  readonly args?: string | undefined;
  /** A program of the project's packages that is to run before it. */
  readonly first?: string | undefined;
}

export interface MigrationTool {
  readonly name: string;
  /** `prisma/schema.prisma:1`. */
  readonly at: string;
  /** As its config has it; undefined: it does not say. */
  readonly dialect: string | undefined;
  /** `packages`: its program is one of the project's packages. */
  readonly from: 'packages' | 'system';
  /** Undefined: there is nothing to migrate. */
  readonly migrate: Step | undefined;
  readonly seed?: Step | undefined;
  /** Globs and files that are there. */
  readonly inputs: readonly string[];
  /** Files in which it reads variables. */
  readonly configs: readonly string[];
  /** What is to be known of it. */
  readonly note?: string | undefined;
}

export function isPostgres({ dialect }: MigrationTool): boolean {
  return dialect === undefined || /^(postg|pg$|pg-|pgsql|cockroach)/i.test(dialect);
}

/** The text of a literal after `key`, as configs in JavaScript and JSON have it. */
export function literalOf(text: string, key: string): string | undefined {
  return new RegExp(`(?<![\\w.-])['"]?${key}['"]?\\s*[:=]\\s*(['"\`])([^'"\`\\n$]+)\\1`).exec(text)?.[2];
}

/** Those of `paths` that are there, folders with all that is in them. */
export function existing(project: Project, paths: readonly (string | undefined)[]): string[] {
  const found = paths.flatMap((path) => {
    const plain = plainPath(path);
    if (plain === undefined) return [];
    if (isFolder(join(project.folder, plain))) return [`${plain}/**`];
    return isFile(join(project.folder, plain)) ? [plain] : [];
  });
  return [...new Set(found)];
}

/** The folder that holds what a glob names: `./src/db/migrations/*.ts` is src/db/migrations. Undefined: outside, or all. */
export function plainPath(path: string | undefined): string | undefined {
  const plain = (path ?? '')
    .replace(/\/?[^/]*[*{?[].*$/, '')
    .replace(/^(?:\.\/)+/, '')
    .replace(/\/+$/, '');
  return plain === '' || plain === '.' || plain.startsWith('..') || plain.startsWith('/') ? undefined : plain;
}

/** The first of `folders` that is there. */
export function firstFolder(project: Project, folders: readonly string[]): string | undefined {
  return folders.find((folder) => isFolder(join(project.folder, folder)));
}

export function textOf(project: Project, file: string | undefined): string {
  return (file === undefined ? undefined : sourceOf(project, file)) ?? '';
}
