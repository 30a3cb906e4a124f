// The variables by which the application and its tools know their database: by the files that read them, and by what `.env`
// files hold. Their names only: no value leaves this file.
import { join, relative } from 'node:path';
import { readEnvFile, readEnvFiles } from '../../config/env-files.ts';
import { VARIABLE } from '../../config/fallbacks.ts';
import { readPostgresValue } from '../../config/postgres-value.ts';
import { lineAt, type SourceFile, sourceFiles, withScripts } from '../../config/source-files.ts';
import { splitVariables } from '../../config/split-variables.ts';
import { namesIn, type Project } from '../project.ts';

export interface DatabaseVariable {
  readonly name: string;
  /** `knexfile.js:4`. */
  readonly at: string;
  /** As `database.env` has it: `{url}`, `{host}`. */
  readonly template: string;
  /** A `.env` file has it, with a database for its value: then a run takes it over by itself. */
  readonly isTaken: boolean;
}

/** Where applications keep their connection. */
const USUAL = ['', 'src/', 'lib/', 'src/lib/', 'src/server/', 'server/', 'app/', 'config/', 'src/config/'].flatMap(
  (folder) =>
    [
      'db.ts',
      'db.js',
      'db/index.ts',
      'db/index.js',
      'prisma.ts',
      'database.ts',
      'env.ts',
      'env.js',
      'app.module.ts',
    ].map((name) => folder + name),
);
const SEQUELIZE = /['"]?use_env_variable['"]?\s*:\s*['"]([A-Z]\w*)['"]/g;
const RUBY = /\bENV(?:\.fetch\(|\[)\s*['"]([A-Z]\w*)['"]/g;
const URL_NAME =
  /(?:^|_)(?:DATABASE|POSTGRES(?:QL)?|PG|DB|NEON|SUPABASE_DB)_?(?:URL|URI|DSN|CONNECTION(?:_?STRING)?)(?:_\w+)?$|^DIRECT_URL$|_DATABASE_URL$/;
const OTHER_KIND = /REDIS|MONGO|MYSQL|MARIA|SQLITE|TURSO|LIBSQL|CLICKHOUSE|ELASTIC/;
/** Every process gets these. */
const ALWAYS = /^(DATABASE_URL|PG(HOST|PORT|USER|PASSWORD|DATABASE))$/;

/** @param commands what serves and migrates: the files that they name are read, and what those import */
export function databaseVariables(
  project: Project,
  configs: readonly string[],
  commands: readonly string[],
): DatabaseVariable[] {
  const files = [...configs, ...USUAL].map((file) => join(project.folder, file));
  const sources = sourceFiles(withScripts(commands.map((text) => ({ text, cwd: project.folder }))), files);
  const read = new Map(sources.flatMap((source) => readIn(project, source)).reverse());
  const held = heldByEnvFiles(project);
  const isUrl = (name: string) =>
    held.urls.has(name) || (URL_NAME.test(name) && !OTHER_KIND.test(name) && !held.others.has(name));
  const urls = [...read].flatMap(([name, where]): DatabaseVariable[] =>
    isUrl(name) && !ALWAYS.test(name) ? [{ name, at: where, template: '{url}', isTaken: held.taken.has(name) }] : [],
  );
  // A part without a port that says otherwise is Postgres'.
  const guessed = Object.fromEntries([...read.keys()].map((name) => [name, /PORT$/.test(name) ? '5432' : 'x']));
  const parts = splitVariables(guessed).flatMap(({ templates }) =>
    Object.entries(templates).flatMap(([name, template]): DatabaseVariable[] => {
      const where = read.get(name);
      return where === undefined || ALWAYS.test(name)
        ? []
        : [{ name, at: where, template, isTaken: held.taken.has(name) }];
    }),
  );
  return [...new Map([...parts, ...urls].map((each) => [each.name, each])).values()];
}

/** The first line in which each is read, last ones first. */
function readIn({ folder }: Project, { path, text }: SourceFile): (readonly [string, string])[] {
  const found = [...text.matchAll(VARIABLE), ...text.matchAll(RUBY), ...text.matchAll(SEQUELIZE)];
  return found
    .map(({ 1: name = '', index }) => [name, `${relative(folder, path)}:${lineAt(text, index)}`] as const)
    .reverse();
}

/** Also of examples that are not loaded: their names tell, too. */
function heldByEnvFiles(project: Project): {
  readonly urls: ReadonlySet<string>;
  readonly taken: ReadonlySet<string>;
  /** Their values are of another scheme: `mongodb:`. */
  readonly others: ReadonlySet<string>;
} {
  const loaded = readEnvFiles(project.folder);
  const examples = namesIn(project, '.')
    .filter((name) => /^\.env\..*(example|sample|template|dist)$/.test(name))
    .flatMap((name) => readEnvFile(join(project.folder, name)));
  const names = (files: typeof loaded) =>
    files.flatMap(({ variables }) =>
      Object.entries(variables).flatMap(([name, value]) => (readPostgresValue(value) ? [name] : [])),
    );
  const split = loaded.flatMap(({ variables }) =>
    splitVariables(variables).flatMap(({ templates }) => Object.keys(templates)),
  );
  const others = [...loaded, ...examples].flatMap(({ variables }) =>
    Object.entries(variables).flatMap(([name, value]) =>
      /^[a-z][\w+.-]*:/i.test(value) && !readPostgresValue(value) ? [name] : [],
    ),
  );
  return {
    others: new Set(others),
    urls: new Set(names([...loaded, ...examples])),
    taken: new Set([...names(loaded), ...split]),
  };
}
