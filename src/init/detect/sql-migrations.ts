// Tools whose migrations are files of SQL or JavaScript in a folder: node-pg-migrate, graphile-migrate, dbmate, Kysely's.
import { at, atKey, configNames, firstOf, namesIn, type Project } from '../project.ts';
import { existing, firstFolder, literalOf, type MigrationTool, textOf } from './migration-tool.ts';

export function nodePgMigrate(project: Project): MigrationTool | undefined {
  if (!project.dependencies.has('node-pg-migrate')) return undefined;
  const inScripts = Object.values(project.scripts).flatMap(
    (text) => /\bnode-pg-migrate\b.*\s(?:-m|--migrations-dir)[=\s]+['"]?([\w./-]+)/.exec(text)?.[1] ?? [],
  );
  return {
    name: 'node-pg-migrate',
    at: atKey(project, 'node-pg-migrate'),
    dialect: 'postgresql',
    from: 'packages',
    migrate: { runs: /\bnode-pg-migrate\b.*\sup\b/, command: 'node-pg-migrate up' },
    inputs: existing(project, [...inScripts, 'migrations']).slice(0, 1),
    configs: [],
  };
}

export function graphileMigrate(project: Project): MigrationTool | undefined {
  const config = firstOf(project, ['.gmrc', '.gmrc.js', '.gmrc.cjs', '.gmrc.jsonc']);
  if (config === undefined) return undefined;
  const text = textOf(project, config);
  return {
    name: 'graphile-migrate',
    at: at(config, text, 0),
    dialect: 'postgresql',
    from: 'packages',
    migrate: { runs: /\bgraphile-migrate\s+migrate\b/, command: 'graphile-migrate migrate' },
    inputs: existing(project, [literalOf(text, 'migrationsFolder'), 'migrations', config]),
    configs: [config],
    note: 'graphile-migrate migrate runs what is committed, and not migrations/current.sql',
  };
}

export function dbmate(project: Project): MigrationTool | undefined {
  const folder = firstFolder(project, ['db/migrations', 'migrations', 'database/migrations']);
  const first = folder === undefined ? undefined : namesIn(project, folder).find((name) => name.endsWith('.sql'));
  if (folder === undefined || first === undefined) return undefined;
  const file = `${folder}/${first}`;
  const text = textOf(project, file);
  const index = text.search(/^-- migrate:up\b/m);
  if (index < 0) return undefined;
  const where = folder === 'db/migrations' ? '' : ` --migrations-dir ${folder}`;
  return {
    name: 'dbmate',
    at: at(file, text, index),
    dialect: 'postgresql',
    from: project.dependencies.has('dbmate') ? 'packages' : 'system',
    // `up` would make the database. Its driver asks for TLS where nothing says otherwise; the embedded server has none.
    migrate: {
      runs: /\bdbmate\b.*\s(?:up|migrate)\b/,
      command: `dbmate --no-dump-schema${where} migrate`,
      before: 'PGSSLMODE=disable ',
    },
    inputs: existing(project, [folder]),
    configs: [],
  };
}

export function kysely(project: Project): MigrationTool | undefined {
  const config = firstOf(project, [...configNames('kysely.config'), ...configNames('.config/kysely.config')]);
  if (config === undefined) return undefined;
  const text = textOf(project, config);
  const folderOf = (key: string, usual: string) => existing(project, [literalOf(text, key), usual]).slice(0, 1);
  const [migrations, seeds] = [folderOf('migrationFolder', 'migrations'), folderOf('seedFolder', 'seeds')];
  return {
    name: 'Kysely',
    at: at(config, text, text.search(/\bdialect\b/)),
    dialect: literalOf(text, 'dialect'),
    from: 'packages',
    migrate: { runs: /\bkysely\s+migrate[:\s]latest\b/, command: 'kysely migrate:latest' },
    seed: seeds.length > 0 ? { runs: /\bkysely\s+seed[:\s]run\b/, command: 'kysely seed:run' } : undefined,
    inputs: [...migrations, ...seeds, config],
    configs: [config],
  };
}
