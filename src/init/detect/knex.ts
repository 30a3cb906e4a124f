// Knex: its knexfile.
import { at, configNames, firstOf, type Project } from '../project.ts';
import { existing, literalOf, type MigrationTool, textOf } from './migration-tool.ts';

export function knex(project: Project): MigrationTool | undefined {
  const config = firstOf(
    project,
    ['.', 'src', 'src/db', 'db', 'config'].flatMap((folder) =>
      configNames(folder === '.' ? 'knexfile' : `${folder}/knexfile`),
    ),
  );
  if (config === undefined) return undefined;
  const text = textOf(project, config);
  const folderOf = (section: string) => {
    const own = new RegExp(`\\b${section}\\s*:\\s*\\{[^}]*\\}`).exec(text)?.[0] ?? '';
    return existing(project, [literalOf(own, 'directory'), section]);
  };
  const [migrations, seeds] = [folderOf('migrations'), folderOf('seeds')];
  const file = config.startsWith('knexfile.') && !/ts$/.test(config) ? '' : ` --knexfile ${config}`;
  return {
    name: 'Knex',
    at: at(config, text, text.search(/\bclient\b/)),
    dialect: literalOf(text, 'client'),
    from: 'packages',
    migrate: { runs: /\bknex\b.*\smigrate:(?:latest|up)\b/, command: `knex migrate:latest${file}` },
    seed: seeds.length > 0 ? { runs: /\bknex\b.*\sseed:run\b/, command: `knex seed:run${file}` } : undefined,
    inputs: [...migrations.slice(0, 1), ...seeds.slice(0, 1), config],
    configs: [config],
  };
}
