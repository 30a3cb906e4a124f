// All that is found of a project, each with the file and the line that it is from.
import { join, relative } from 'node:path';
import { isFile, namesIn, openProject, type Project } from '../project.ts';
import { type ComposePostgres, composePostgres } from './compose.ts';
import { django } from './django.ts';
import { drizzle } from './drizzle.ts';
import { type NeededExtension, neededExtensions } from './extensions.ts';
import { type Framework, framework } from './framework.ts';
import { knex } from './knex.ts';
import { isPostgres, type MigrationTool } from './migration-tool.ts';
import { mikroOrm } from './mikro-orm.ts';
import { prisma } from './prisma.ts';
import { otherProduct } from './product.ts';
import { rails } from './rails.ts';
import { sequelize } from './sequelize.ts';
import { dbmate, graphileMigrate, kysely, nodePgMigrate } from './sql-migrations.ts';
import { typeorm } from './typeorm.ts';

export interface Detected {
  readonly framework: Framework | undefined;
  /** Where the database is migrated: the project itself, or a folder of it, as `backend`. */
  readonly database: Project;
  /** Of Postgres. */
  readonly tools: readonly MigrationTool[];
  /** Of other databases. */
  readonly others: readonly MigrationTool[];
  /** The database's, where it is another than Postgres: then nothing migrates it. */
  readonly product: string | undefined;
  readonly compose: ComposePostgres | undefined;
  readonly extensions: readonly NeededExtension[];
  /** Folders of which each has migrations of its own. */
  readonly rivals: readonly string[];
}

const TOOLS = [
  ...[prisma, drizzle, knex, typeorm, mikroOrm, sequelize, kysely, nodePgMigrate, graphileMigrate, dbmate],
  ...[django, rails],
];

export function detect(project: Project): Detected {
  const own = toolsOf(project);
  const below = own.length > 0 ? [] : foldersBelow(project).filter((each) => toolsOf(each).some(isPostgres));
  const [only = project] = below.length === 1 ? below : [];
  const all = only === project ? own : toolsOf(only);
  const compose = composePostgres(project);
  const others = all.filter((tool) => !isPostgres(tool));
  const product = otherProduct(only, all.filter(isPostgres), others, compose);
  const tools = product === undefined ? all.filter(isPostgres) : [];
  const named = <T extends { readonly at: string }>(each: T): T => ({ ...each, at: atOf(project, only, each.at) });
  return {
    framework: framework(project),
    database: only,
    tools: tools.map(named),
    others: others.map(named),
    product,
    compose,
    extensions: neededExtensions(only, tools, compose).map((each) => (each.at === compose?.at ? each : named(each))),
    rivals: below.length > 1 ? below.map(({ folder }) => relative(project.folder, folder)) : [],
  };
}

/** A line of `of`, by its path in `project`. */
export function atOf(project: Project, of: Project, at: string): string {
  return join(relative(project.folder, of.folder), at);
}

function toolsOf(project: Project): MigrationTool[] {
  return TOOLS.flatMap((find) => find(project) ?? []);
}

const MOST_FOLDERS = 60;

/** The folders of a repository that are projects themselves. */
function foldersBelow(project: Project): Project[] {
  const nested = ['apps', 'packages', 'services'].flatMap((name) =>
    namesIn(project, name).map((each) => `${name}/${each}`),
  );
  const names = [...namesIn(project, '.'), ...nested].filter(
    (name) => !/^(?:\.|node_modules|dist|build|coverage)/.test(name),
  );
  return names.slice(0, MOST_FOLDERS).flatMap((name) => {
    const folder = join(project.folder, name);
    if (!['package.json', 'manage.py', 'Gemfile'].some((file) => isFile(join(folder, file)))) return [];
    try {
      return [openProject(folder)];
    } catch {
      return []; // Whatever it is, it is not the one that is set up.
    }
  });
}
