// All that is found of a project, each with the file and the line that it is from.
import type { Project } from '../project.ts';
import { type ComposePostgres, composePostgres } from './compose.ts';
import { django } from './django.ts';
import { drizzle } from './drizzle.ts';
import { type NeededExtension, neededExtensions } from './extensions.ts';
import { type Framework, framework } from './framework.ts';
import { knex } from './knex.ts';
import { isPostgres, type MigrationTool } from './migration-tool.ts';
import { mikroOrm } from './mikro-orm.ts';
import { prisma } from './prisma.ts';
import { rails } from './rails.ts';
import { sequelize } from './sequelize.ts';
import { dbmate, graphileMigrate, kysely, nodePgMigrate } from './sql-migrations.ts';
import { typeorm } from './typeorm.ts';

export interface Detected {
  readonly framework: Framework | undefined;
  /** Of Postgres. */
  readonly tools: readonly MigrationTool[];
  /** Of other databases. */
  readonly others: readonly MigrationTool[];
  readonly compose: ComposePostgres | undefined;
  readonly extensions: readonly NeededExtension[];
}

const TOOLS = [prisma, drizzle, knex, typeorm, mikroOrm, sequelize, kysely, nodePgMigrate, graphileMigrate, dbmate];

export function detect(project: Project): Detected {
  const all = [...TOOLS, django, rails].flatMap((find) => find(project) ?? []);
  const tools = all.filter(isPostgres);
  const compose = composePostgres(project);
  return {
    framework: framework(project),
    tools,
    others: all.filter((tool) => !isPostgres(tool)),
    compose,
    extensions: neededExtensions(project, tools, compose),
  };
}
