// Rails: Gemfile and config/database.yml.
import { at, type Project } from '../project.ts';
import { existing, type MigrationTool, textOf } from './migration-tool.ts';

export function rails(project: Project): MigrationTool | undefined {
  const gemfile = textOf(project, 'Gemfile');
  const index = gemfile.search(/^\s*gem\s+['"]rails['"]/m);
  if (index < 0) return undefined;
  const config = 'config/database.yml';
  const text = textOf(project, config);
  const seeds = textOf(project, 'db/seeds.rb').replace(/^\s*#.*$/gm, '');
  return {
    name: 'Rails',
    at: text === '' ? at('Gemfile', gemfile, index) : at(config, text, text.search(/adapter:/)),
    dialect: /^\s*adapter:\s*['"]?(\w+)/m.exec(text)?.[1],
    from: 'system',
    migrate: { runs: /\brails\s+db:migrate\b/, command: 'bin/rails db:migrate' },
    seed: seeds.trim() === '' ? undefined : { runs: /\brails\s+db:seed\b/, command: 'bin/rails db:seed' },
    inputs: existing(project, ['db/migrate', 'db/seeds.rb']),
    configs: text === '' ? [] : [config],
  };
}
