// TypeORM: the file with its DataSource.
import { at, configNames, firstOf, type Project } from '../project.ts';
import { existing, literalOf, type MigrationTool, plainPath, textOf } from './migration-tool.ts';

const FOLDERS = ['', 'src/', 'src/db/', 'src/database/', 'src/config/', 'db/', 'config/'];
const NAMES = ['data-source', 'datasource', 'dataSource', 'typeorm.config', 'ormconfig', 'typeorm'];

export function typeorm(project: Project): MigrationTool | undefined {
  if (!project.dependencies.has('typeorm')) return undefined;
  const inScripts = Object.values(project.scripts).flatMap(
    (text) => /\s(?:-d|--dataSource)[=\s]+(\S+)/.exec(text)?.[1] ?? [],
  );
  const files = FOLDERS.flatMap((folder) => NAMES.flatMap((name) => configNames(folder + name)));
  const source = firstOf(project, [...inScripts.flatMap((file) => plainPath(file) ?? []), ...files]);
  if (source === undefined) return undefined;
  const text = textOf(project, source);
  const listed = /\bmigrations\s*:\s*\[([^\]]*)\]/.exec(text)?.[1] ?? '';
  const named = [...listed.matchAll(/['"`]([^'"`]+)['"`]/g)].map(([, path = '']) =>
    path.replace(/^\/|^\$\{\w+\}\//, ''),
  );
  const near = source.split('/').slice(0, -1);
  const around = named.flatMap((path) => [path, [...near, path].join('/')]);
  const usual = ['migrations', 'src/migrations', 'src/migration', 'src/db/migrations', 'src/database/migrations'];
  const migrations = existing(project, [...around, ...usual]).slice(0, 1);
  const program = source.endsWith('ts') ? 'typeorm-ts-node-commonjs' : 'typeorm';
  return {
    name: 'TypeORM',
    at: at(source, text, text.search(/\bDataSource\s*\(|\btype\s*:/)),
    dialect: literalOf(text, 'type'),
    from: 'packages',
    migrate:
      migrations.length > 0
        ? { runs: /\btypeorm\b.*\smigration:run\b/, command: `${program} migration:run -d ${source}` }
        : undefined,
    inputs: [...migrations, source],
    configs: [source],
    note: /\bsynchronize\s*:\s*true\b/.test(text)
      ? 'synchronize: true makes the tables when a server starts: in every slot. Migrations do it once'
      : undefined,
  };
}
