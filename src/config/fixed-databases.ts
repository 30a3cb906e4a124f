// Databases that no variable of ours can replace: a `.env` file that is loaded over the environment, a connection string
// that is written in the config of an ORM. Looked for in the project's files before any of its commands runs.
import { readdirSync } from 'node:fs';
import { extname, join, relative } from 'node:path';
import { StacksError } from '../errors.ts';
import { envOverrides } from './env-overrides.ts';
import { FALLBACK, VARIABLE } from './fallbacks.ts';
import { type InheritedDatabase, isAllowed } from './inherited-databases.ts';
import { readPostgresValue, targetTitle } from './postgres-value.ts';
import type { ResolvedStacks, ResolvedVariant, Task } from './resolved.ts';
import { type Command, lineAt, readSource, sourceFiles, withScripts } from './source-files.ts';

/** A database in a file or command of the project's, and what to write there. */
export interface FixedDatabase {
  /** `drizzle.config.ts:7`, or a command. */
  readonly where: string;
  readonly text: string;
}

export interface Project {
  readonly root: string;
  /** All, and those of them that write to a database before anything could be seen of it. */
  readonly commands: readonly Command[];
  readonly steps: readonly Command[];
  readonly inherited: readonly InheritedDatabase[];
  /** The variables that name the slot's databases in what we start. */
  readonly provided: readonly string[];
  readonly allowed: readonly string[];
}

/** Configs of tools, by their names: of ORMs the connection string counts, of all the way in which they load `.env`. */
const CONFIG = /^(?!playwright\b)[\w.-]+\.config\.[cm]?[jt]s$/;
const OF_ORM =
  /^((prisma|drizzle|mikro-orm|kysely|sequelize|typeorm)([\w.-]*)\.config\.[cm]?[jt]s|(knexfile|ormconfig|data-source)\.([cm]?[jt]s|json)|schema\.prisma|config\.json)$/;
/** Folders in which ORMs look for theirs. */
const FOLDERS = ['.', 'prisma', 'src', 'src/db', 'config', '.config', 'db'];

/** @throws DATABASE_UNUSED with all of them */
export function refuseFixed(stacks: Omit<ResolvedStacks, 'fixedOrigins'>): void {
  const { root, databases } = stacks;
  const { inherited, allowed } = databases;
  const all = [...stacks.variants.values()];
  const provided = [...new Set(all.flatMap(providedBy))];
  const found = fixedDatabases({ root, ...commandsOf(stacks), inherited, provided, allowed });
  if (found.length === 0) return;
  throw new StacksError('DATABASE_UNUSED', 'the application would be on a database that is not its slot’s.', {
    items: found.map(({ where, text }) => `${where} ${text}`),
    hint: `to allow one on purpose, name its variable or address: allowDatabases: ['${inherited[0]?.variables[0] ?? 'localhost:5432'}'].`,
  });
}

export function fixedDatabases(project: Project): FixedDatabase[] {
  const commands = withScripts(project.commands);
  const folders = [...new Set([project.root, ...commands.map(({ cwd }) => cwd)])];
  const configs = folders.flatMap((folder) =>
    namesIn(folder)
      .filter((name) => CONFIG.test(name))
      .map((name) => join(folder, name)),
  );
  const orms = folders.flatMap((folder) =>
    FOLDERS.flatMap((at) =>
      namesIn(join(folder, at))
        .filter((name) => OF_ORM.test(name))
        .map((name) => join(folder, at, name)),
    ),
  );
  const inSteps = sourceFiles(withScripts(project.steps)).map(({ path }) => path);
  return [
    ...envOverrides(project, commands, sourceFiles(commands, configs)),
    ...[...new Set([...orms, ...inSteps])].flatMap((path) => literals(project, path)),
  ];
}

const LITERAL = /(['"`])((?:postgres|postgresql):\/\/[^'"`\s${]+)\1/g;
/** Hosts that are reserved for examples (RFC 2606): a value among sample data, or a form's placeholder. */
const NOWHERE = /(^|\.)(example(\.(com|net|org))?|invalid)$/i;
/** And as a schema's key, a destructured name, or a text (`use_env_variable` of Sequelize's): not what a literal is given to. */
const NAMED = /(?:(['"])([A-Z]\w*)\1|(?<=[{,]\s*)([A-Z]\w*)\b)(?!\s*:\s*['"`])/g;

const INSTEAD: Readonly<Record<string, string>> = {
  '.prisma': 'env("DATABASE_URL")',
  '.py': "os.environ['DATABASE_URL']",
};

function literals({ root, provided, allowed }: Project, path: string): FixedDatabase[] {
  const text = readSource(path) ?? '';
  const where = (index: number) => `${relative(root, path)}:${lineAt(text, index)}`;
  const read = [
    ...[...text.matchAll(VARIABLE)].map(([, name = '']) => name),
    ...[...text.matchAll(NAMED)].map(([, , quoted, key]) => quoted ?? key ?? ''),
  ];
  const readsOurs = read.some((name) => provided.includes(name));
  return [...text.matchAll(LITERAL)].flatMap(({ 2: url = '', index }): FixedDatabase[] => {
    const target = readPostgresValue(url)?.target;
    const before = text.slice(Math.max(0, index - 200), index);
    if (target && NOWHERE.test(target.host)) return [];
    const names = FALLBACK.test(before) ? [...before.matchAll(VARIABLE)].map(([, name = '']) => name) : [];
    if (!target || isAllowed({ variables: names, target }, allowed)) return [];
    if (names.length > 0) {
      if (names.some((name) => provided.includes(name))) return [];
      const [name = ''] = names.slice(-1);
      const said = `falls back to ${targetTitle(target)}, as nothing sets ${name}. Write: database: { env: '${name}' }`;
      return [{ where: where(index), text: said }];
    }
    // Sections for several environments: which of them is meant is seen when it connects.
    if (readsOurs) return [];
    const instead = INSTEAD[extname(path)] ?? 'process.env.DATABASE_URL';
    const remedy = path.endsWith('.json') ? 'Let it read DATABASE_URL' : `Write ${instead} instead`;
    return [{ where: where(index), text: `names ${targetTitle(target)}, which no variable can change. ${remedy}` }];
  });
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // Most projects have no such folder.
  }
}

function providedBy({ databases }: ResolvedVariant): string[] {
  const own = databases.flatMap(({ env, inheritedEnv }) => [...Object.keys(env), ...Object.keys(inheritedEnv)]);
  return ['DATABASE_URL', ...own];
}

function commandsOf({
  root,
  build,
  variants,
}: Omit<ResolvedStacks, 'fixedOrigins'>): Pick<Project, 'commands' | 'steps'> {
  const all = [...variants.values()];
  const ofRoot = (tasks: readonly (Task | undefined)[]) =>
    tasks.flatMap((task) => (task?.kind === 'command' ? [{ text: task.command, cwd: root }] : []));
  const databases = all.flatMap((variant) => variant.databases);
  const steps = ofRoot(databases.flatMap(({ migrate, seed, prepare }) => [migrate, seed, prepare]));
  const servers = all.flatMap((variant) => variant.servers);
  const ofServers = servers.flatMap(({ command, cwd }) => (command === undefined ? [] : [{ text: command, cwd }]));
  return { steps, commands: [...ofRoot([build?.task]), ...steps, ...ofServers] };
}
