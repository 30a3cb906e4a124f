// Drizzle: drizzle.config.ts.
import { at, configNames, firstOf, type Project } from '../project.ts';
import { existing, literalOf, type MigrationTool, textOf } from './migration-tool.ts';

export function drizzle(project: Project): MigrationTool | undefined {
  const config = firstOf(project, [...configNames('drizzle.config'), 'drizzle.config.json']);
  if (config === undefined) return undefined;
  const text = textOf(project, config);
  const migrations = existing(project, [literalOf(text, 'out') ?? 'drizzle']);
  const schema = [
    ...(/\bschema['"]?\s*:\s*(\[[^\]]*\]|['"`][^'"`]+['"`])/.exec(text)?.[1] ?? '').matchAll(/['"`]([^'"`]+)/g),
  ];
  const schemas = existing(
    project,
    schema.map(([, path]) => path),
  );
  return {
    name: 'Drizzle',
    at: at(config, text, text.search(/\bdialect\b|\bdriver\b/)),
    dialect: literalOf(text, 'dialect') ?? literalOf(text, 'driver'),
    from: 'packages',
    migrate:
      migrations.length > 0
        ? { runs: /\bdrizzle-kit\s+migrate\b/, command: 'drizzle-kit migrate' }
        : { runs: /\bdrizzle-kit\s+push\b.*\s--force\b/, command: 'drizzle-kit push --force' },
    inputs: [...(migrations.length > 0 ? migrations : schemas), config],
    configs: [config],
  };
}
