// MikroORM: mikro-orm.config.ts.
import { at, configNames, firstOf, type Project } from '../project.ts';
import { existing, literalOf, type MigrationTool, textOf } from './migration-tool.ts';

export function mikroOrm(project: Project): MigrationTool | undefined {
  const config = firstOf(project, [...configNames('mikro-orm.config'), ...configNames('src/mikro-orm.config')]);
  if (config === undefined) return undefined;
  const text = textOf(project, config);
  const section = (name: string) => new RegExp(`\\b${name}\\s*:\\s*\\{[^}]*\\}`).exec(text)?.[0] ?? '';
  const pathsOf = (name: string) => ['pathTs', 'path'].map((key) => literalOf(section(name), key));
  const migrations = existing(project, [...pathsOf('migrations'), 'migrations', 'src/migrations']).slice(0, 1);
  const seeders = existing(project, [...pathsOf('seeder'), 'seeders', 'src/seeders']).slice(0, 1);
  const driver = /@mikro-orm\/(postgresql|mysql|mariadb|sqlite|better-sqlite|libsql|mongodb|mssql)\b/.exec(text)?.[1];
  return {
    name: 'MikroORM',
    at: at(config, text, text.search(/defineConfig|driver|dbName/)),
    dialect: driver ?? (project.dependencies.has('@mikro-orm/postgresql') ? 'postgresql' : literalOf(text, 'type')),
    from: 'packages',
    migrate:
      migrations.length > 0
        ? { runs: /\bmikro-orm(?:-esm)?\s+migration:up\b/, command: 'mikro-orm migration:up' }
        : { runs: /\bmikro-orm(?:-esm)?\s+schema:(?:create|update)\b/, command: 'mikro-orm schema:create --run' },
    seed:
      seeders.length > 0 ? { runs: /\bmikro-orm(?:-esm)?\s+seeder:run\b/, command: 'mikro-orm seeder:run' } : undefined,
    inputs: [...migrations, ...seeders, config],
    configs: [config],
  };
}
