// Sequelize, with its command line: .sequelizerc, config/config.json.
import { at, firstOf, type Project } from '../project.ts';
import { existing, literalOf, type MigrationTool, textOf } from './migration-tool.ts';

const CONFIGS = [
  'config/config.json',
  'config/config.js',
  'config/config.cjs',
  'config/database.js',
  'src/config/config.js',
];

export function sequelize(project: Project): MigrationTool | undefined {
  if (!project.dependencies.has('sequelize') && !project.dependencies.has('sequelize-cli')) return undefined;
  const rc = firstOf(project, ['.sequelizerc', '.sequelizerc.js', '.sequelizerc.cjs']);
  const paths = textOf(project, rc);
  /** `path.resolve('src', 'migrations')` and `'src/migrations'`. */
  const pathOf = (key: string) => {
    const value = new RegExp(`['"]${key}['"]\\s*:\\s*(\\w[\\w.]*\\([^)]*\\)|['"][^'"]+['"])`).exec(paths)?.[1] ?? '';
    const parts = [...value.matchAll(/['"]([^'"]+)['"]/g)].map(([, part = '']) => part.replace(/^\.\//, ''));
    return parts.length === 0 ? undefined : parts.join('/');
  };
  const config = firstOf(project, [...(pathOf('config') ?? '').split(' ').filter(Boolean), ...CONFIGS]);
  const migrations = existing(project, [pathOf('migrations-path'), 'migrations', 'src/migrations']).slice(0, 1);
  const seeders = existing(project, [pathOf('seeders-path'), 'seeders', 'src/seeders']).slice(0, 1);
  if (config === undefined && migrations.length === 0) return undefined;
  const text = textOf(project, config);
  const source = config ?? rc ?? 'package.json';
  const args = config?.endsWith('.json') && !readsVariable(project, config) ? '--url "$DATABASE_URL"' : undefined;
  return {
    name: 'Sequelize',
    at: at(source, textOf(project, source), text.search(/['"]?dialect['"]?\s*:/)),
    dialect: literalOf(text, 'dialect'),
    from: 'packages',
    migrate:
      migrations.length > 0
        ? { runs: /\bsequelize(?:-cli)?\s+db:migrate(?!:)/, command: 'sequelize-cli db:migrate', args }
        : undefined,
    seed:
      seeders.length > 0
        ? { runs: /\bsequelize(?:-cli)?\s+db:seed:all\b/, command: 'sequelize-cli db:seed:all', args }
        : undefined,
    inputs: [...migrations, ...seeders, ...existing(project, [config])],
    configs: [config].filter((file) => file !== undefined),
    note:
      args === undefined
        ? undefined
        : 'a database is written out there: the commands get the address of the slot by --url; an application that reads the file needs "use_env_variable": "DATABASE_URL" in its sections',
  };
}

/** What is written out in a section that NODE_ENV may name, or names by not being set, would be the developer's. */
function readsVariable(project: Project, file: string): boolean {
  try {
    const { development, test = development } = Object(JSON.parse(textOf(project, file)));
    return [development, test].every((section) => typeof section?.use_env_variable === 'string');
  } catch {
    return true; // Nothing is known of it, and the command line says what is wrong.
  }
}
