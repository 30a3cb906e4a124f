// The extensions that the schema needs: of migrations' CREATE EXTENSION, of schema.prisma, of docker-compose's image.
import { globSync } from 'tinyglobby';
import { CONTRIB } from '../../extensions/packages.ts';
import { at, type Project, sourceOf } from '../project.ts';
import type { ComposePostgres } from './compose.ts';
import type { MigrationTool } from './migration-tool.ts';

export interface NeededExtension {
  readonly name: string;
  readonly at: string;
  /** The embedded server does not have it. */
  readonly isForeign: boolean;
}

const MOST_FILES = 500;
const CREATE = /\bCREATE\s+EXTENSION\s+IF\s+NOT\s+EXISTS\s+\\?["'`]?([\w-]+)/gi;
/** Without IF NOT EXISTS the migration makes it itself, and would fail where it is there. */
const CREATE_ITSELF = /\bCREATE\s+EXTENSION\s+(?!IF\b)\\?["'`]?([\w-]+)/gi;
/** Rails' `enable_extension 'citext'` looks first. */
const OTHERS = [
  /\benable_extension[\s(]+['"]([\w-]+)['"]/g,
  /\b(?:CreateExtension|createExtension(?:IfNotExists)?)\(\s*['"]([\w-]+)['"]/g,
];
/** What is in every database. */
const BUILT_IN = new Set(['plpgsql', 'pg_catalog']);
export function neededExtensions(
  project: Project,
  tools: readonly MigrationTool[],
  compose: ComposePostgres | undefined,
): NeededExtension[] {
  const patterns = [...new Set(tools.flatMap(({ inputs }) => inputs))];
  const ignore = ['**/node_modules/**', '**/.git/**'];
  const files =
    patterns.length === 0 ? [] : globSync(patterns, { cwd: project.folder, ignore, followSymbolicLinks: false });
  const found = new Map<string, string>();
  const own = new Set<string>();
  for (const file of files.sort().slice(0, MOST_FILES)) {
    const text = withoutComments(file, sourceOf(project, file) ?? '');
    for (const pattern of [CREATE, ...OTHERS]) {
      for (const { 1: name = '', index } of text.matchAll(pattern)) {
        if (!found.has(name)) found.set(name, at(file, text, index));
      }
    }
    for (const [, name = ''] of text.matchAll(CREATE_ITSELF)) own.add(name);
    const listed = file.endsWith('.prisma') ? /\bextensions\s*=\s*\[([^\]]*)\]/.exec(text) : null;
    for (const name of listed ? ofPrisma(listed[1] ?? '') : []) {
      if (!found.has(name)) found.set(name, at(file, text, listed?.index ?? 0));
    }
  }
  for (const name of compose?.extensions ?? []) if (!found.has(name)) found.set(name, compose?.at ?? '');
  return [...found]
    .filter(([name]) => !own.has(name) && !BUILT_IN.has(name))
    .map(([name, where]) => ({ name, at: where, isForeign: !CONTRIB.has(name) }));
}

/** Of the languages that are not JavaScript's; lines stay where they are. */
function withoutComments(file: string, text: string): string {
  if (file.endsWith('.rb')) return text.replace(/^=begin\b.*?^=end\b/gms, blank).replace(/(^|\s)#(?!\{).*$/gm, '$1');
  if (!file.endsWith('.sql')) return text;
  return text.replace(/\/\*.*?\*\//gs, blank).replace(/--.*$/gm, '');
}

function blank(comment: string): string {
  return comment.replace(/[^\n]/g, ' ');
}

/** `[pgvector(map: "vector", schema: "public"), citext]` */
function ofPrisma(list: string): string[] {
  return [...list.matchAll(/(\w+)\s*(?:\(([^)]*)\))?/g)].map(
    ([, name = '', options = '']) => /\bmap:\s*"([\w-]+)"/.exec(options)?.[1] ?? name.replace('uuid_ossp', 'uuid-ossp'),
  );
}
