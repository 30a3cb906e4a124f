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
  const program = programOf(project, config);
  const driver = /@mikro-orm\/(postgresql|mysql|mariadb|sqlite|better-sqlite|libsql|mongodb|mssql)\b/.exec(text)?.[1];
  return {
    name: 'MikroORM',
    at: at(config, text, text.search(/defineConfig|driver|dbName/)),
    dialect: driver ?? (project.dependencies.has('@mikro-orm/postgresql') ? 'postgresql' : literalOf(text, 'type')),
    from: 'packages',
    migrate:
      migrations.length > 0
        ? {
            runs: /\bmikro-orm(?:-esm)?\s+migration:up\b/,
            command: `${program} migration:up`,
            before: snapshotOff(text),
          }
        : { runs: /\bmikro-orm(?:-esm)?\s+schema:(?:create|update)\b/, command: `${program} schema:create --run` },
    seed:
      seeders.length > 0
        ? { runs: /\bmikro-orm(?:-esm)?\s+seeder:run\b/, command: `${program} seeder:run` }
        : undefined,
    inputs: [...migrations, ...seeders, config],
    configs: [config],
  };
}

/** It would write a file for every template beside the migrations, so that none of them fits the next run. */
function snapshotOff(config: string): string {
  return /\bsnapshot\s*:\s*false\b/.test(config) ? '' : 'MIKRO_ORM_MIGRATIONS_SNAPSHOT=false ';
}

/** Before version 7 a config that is an ES module in TypeScript has a program of its own. */
function programOf({ manifest, dependencies }: Project, config: string): string {
  const isModule = /\.mts$/.test(config) || (manifest.type === 'module' && /\.ts$/.test(config));
  const versions = [manifest.devDependencies, manifest.dependencies].map(
    (names) => Object(names)['@mikro-orm/cli'] as unknown,
  );
  const version = versions.find((each) => typeof each === 'string') ?? '';
  const isOld = dependencies.has('@mikro-orm/cli') && /^\D*[56](?:\.|$)/.test(version as string);
  return isModule && isOld ? 'mikro-orm-esm' : 'mikro-orm';
}
