// Whether the database is of another product than Postgres, by the packages that the project has.
import type { Project } from '../project.ts';
import type { ComposePostgres } from './compose.ts';
import type { MigrationTool } from './migration-tool.ts';

const POSTGRES =
  /^(?:pg|pg-native|pg-promise|postgres|slonik|postgrator|node-pg-migrate|@vercel\/postgres|@neondatabase\/serverless|@mikro-orm\/postgresql|@prisma\/adapter-(?:pg|neon)|@pgtyped\/.*|@electric-sql\/pglite)$/;
const OTHERS: readonly (readonly [product: string, packages: RegExp])[] = [
  ['MySQL', /^(?:mysql|mysql2|mariadb|@mikro-orm\/(?:mysql|mariadb)|@planetscale\/database|@prisma\/adapter-mariadb)$/],
  ['MongoDB', /^(?:mongodb|mongoose|migrate-mongo|@mikro-orm\/mongodb|@typegoose\/typegoose|@nestjs\/mongoose)$/],
  [
    'SQLite',
    /^(?:sqlite|sqlite3|better-sqlite3|@libsql\/client|@mikro-orm\/(?:sqlite|better-sqlite|libsql)|@prisma\/adapter-better-sqlite3)$/,
  ],
  ['SQL Server', /^(?:mssql|tedious|@mikro-orm\/mssql)$/],
  ['Oracle', /^oracledb$/],
];

/** The product; undefined: there is Postgres, or nothing says otherwise. */
export function otherProduct(
  { dependencies }: Project,
  tools: readonly MigrationTool[],
  others: readonly MigrationTool[],
  compose: ComposePostgres | undefined,
): string | undefined {
  const names = [...dependencies];
  const isSaid = tools.some(({ dialect }) => dialect !== undefined);
  if (isSaid || compose !== undefined || names.some((name) => POSTGRES.test(name))) return undefined;
  const driver = OTHERS.find(([, packages]) => names.some((name) => packages.test(name)))?.[0];
  return driver ?? (tools.length === 0 ? others[0]?.dialect : undefined);
}
