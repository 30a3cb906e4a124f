// Prisma: schema.prisma, prisma.config.ts (Prisma 6 and newer), `prisma` in package.json.
import { dirname, join } from 'node:path';
import { at, configNames, firstOf, isFolder, type Project } from '../project.ts';
import { remoteWord } from '../remote.ts';
import { existing, literalOf, type MigrationTool, textOf } from './migration-tool.ts';

export function prisma(project: Project): MigrationTool | undefined {
  const config = firstOf(project, [...configNames('prisma.config'), ...configNames('.config/prisma')]);
  const text = textOf(project, config);
  const { schema: named, seed: seedOfManifest } = Object(project.manifest.prisma);
  const candidates = [literalOf(text, 'schema'), named, 'prisma/schema.prisma', 'schema.prisma', 'prisma/schema'];
  const schema = candidates.find((path) => existing(project, [path]).length > 0) as string | undefined;
  if (schema === undefined) return undefined;
  const isMany = isFolder(join(project.folder, schema));
  const main = isMany
    ? firstOf(
        project,
        ['schema', 'main', 'datasource'].map((name) => `${schema}/${name}.prisma`),
      )
    : schema;
  const source = textOf(project, main);
  const datasource = /\bdatasource\s+\w+\s*\{[^}]*\}/.exec(source);
  const migrations = literalOf(/\bmigrations\s*:\s*\{[^}]*\}/.exec(text)?.[0] ?? '', 'path');
  const folder = migrations ?? join(isMany ? schema : dirname(schema), 'migrations');
  const found = existing(project, [folder]);
  const seeds = literalOf(text, 'seed') ?? (typeof seedOfManifest === 'string' ? seedOfManifest : undefined);
  const seed = seeds === undefined || remoteWord(seeds) !== undefined ? undefined : seeds;
  const seedFiles = [...(seed ?? '').matchAll(/[\w./-]+\.[cm]?[jt]s\b/g)].map(([file]) => file);
  return {
    name: 'Prisma',
    at: at(main ?? schema, source, datasource?.index ?? 0),
    dialect: datasource ? literalOf(datasource[0], 'provider') : undefined,
    from: 'packages',
    migrate:
      found.length > 0
        ? { runs: /\bprisma\s+migrate\s+deploy\b/, command: 'prisma migrate deploy' }
        : { runs: /\bprisma\s+db\s+push\b/, command: 'prisma db push' },
    seed:
      seed === undefined
        ? undefined
        : { runs: /\bprisma\s+db\s+seed\b/, command: 'prisma db seed', first: generating(project) },
    inputs: existing(project, [schema, folder, config, ...seedFiles]),
    configs: [main, config].filter((file) => file !== undefined),
  };
}

const GENERATES = /\bprisma\s+generate\b/;

/**
 * What makes the client before the seed needs it: a build may, but only after it. Undefined: an installation does,
 * or nothing says so.
 */
function generating({ scripts }: Project): string | undefined {
  const { postinstall, prepare, build, prebuild } = scripts;
  if ([postinstall, prepare].some((script) => GENERATES.test(script ?? ''))) return undefined;
  return [build, prebuild].some((script) => GENERATES.test(script ?? '')) ? 'prisma generate' : undefined;
}
