// Databases that no variable of ours can replace: a `.env` file that is loaded over the environment, a connection string
// that is written in the config of an ORM. Looked for in the project's files before any of its commands runs.
import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { StacksError } from '../errors.ts';
import { type InheritedDatabase, isAllowed } from './inherited-databases.ts';
import { readPostgresValue, targetTitle } from './postgres-value.ts';
import type { ResolvedStacks, ResolvedVariant, Task } from './resolved.ts';
import { type Command, readSource, type SourceFile, sourceFiles, withScripts } from './source-files.ts';

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
  /^((prisma|drizzle|mikro-orm|kysely|sequelize|typeorm)([\w.-]*)\.config\.[cm]?[jt]s|(knexfile|ormconfig|data-source)\.([cm]?[jt]s|json)|database\.json|schema\.prisma|config\.json)$/;
/** Folders in which ORMs look for theirs. */
const FOLDERS = ['.', 'prisma', 'src', 'src/db', 'config', '.config', 'db'];

/** @throws DATABASE_UNUSED with all of them */
export function refuseFixed(stacks: ResolvedStacks): void {
  const { root, databases } = stacks;
  const { inherited, allowed } = databases;
  const all = [...stacks.variants.values()];
  const provided = [...new Set(all.flatMap(providedBy))];
  const found = fixedDatabases({ root, ...commandsOf(stacks), inherited, provided, allowed });
  if (found.length === 0) return;
  throw new StacksError('DATABASE_UNUSED', 'the application would be on a database that is not its slot’s.', {
    items: found.map(({ where, text }) => `${where} ${text}`),
    hint: `what is meant is allowed by its variable or address: allowDatabases: ['${inherited[0]?.variables[0] ?? 'localhost:5432'}'].`,
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
    ...overrides(project, commands, sourceFiles(commands, configs)),
    ...[...new Set([...orms, ...inSteps])].flatMap((path) => literals(project, path)),
  ];
}

/** Names in `.env` files win where the file is loaded over the environment. */
function overrides(
  { root, inherited, allowed }: Project,
  commands: readonly Command[],
  files: readonly SourceFile[],
): FixedDatabase[] {
  const ofFile = inherited.find((each) => each.from !== 'environment' && !isAllowed(each, allowed));
  if (!ofFile) return [];
  const what = `${ofFile.variables[0]} of ${ofFile.from} names ${targetTitle(ofFile.target)}`;
  const inFiles = files.flatMap(({ path, text }) => {
    if (!/dotenv|read_env/.test(text)) return [];
    const match = IN_FILE.map((pattern) => pattern.exec(text)).find((each) => each !== null);
    if (!match) return [];
    const said = match[0].slice(match[0].search(/overrid|overwrit/i)).replace(/\s+/g, ' ');
    const where = `${relative(root, path)}:${lineAt(text, match.index + match[0].length)}`;
    return [{ where, text: `loads .env files over the environment, and ${what}. Leave out: ${said}` }];
  });
  const inCommands = commands.flatMap(({ text }) => {
    const found = IN_COMMAND.find(([pattern]) => pattern.test(text));
    return found
      ? [{ where: `\`${text}\``, text: `loads .env files over the environment, and ${what}. ${found[1]}` }]
      : [];
  });
  return [...inFiles, ...inCommands];
}

/** dotenv's `override: true`, python-dotenv's and django-environ's. */
const IN_FILE = [
  /\b(?:config|populate|dotenv\w*)\(\s*\{.{0,300}?\boverride\s*:\s*true\b/s,
  /\bload_dotenv\([^)]*\boverride\s*=\s*True/,
  /\bread_env\([^)]*\boverwrite\s*=\s*True/,
];

const IN_COMMAND: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/\bdotenv\b[^&|;]*\s(-o|--override)\b/, 'Leave out: --override'],
  [/\bdotenvx\b[^&|;]*\s(--overload|--override)\b/, 'Leave out: --overload'],
  [/\benv-cmd\b(?![^&|;]*--no-override)/, 'Write: env-cmd --no-override'],
  [/\bdotenv\s+(?:-f\s+\S+\s+)?run\b(?![^&|;]*--no-override)/, 'Write: dotenv run --no-override'],
  [/(^|[;&|(]\s*|\s)(\.|source)\s+\S*\.env\b/, 'Leave it out: the variables are set'],
  [/\$\((?:cat|grep|xargs)[^)]*\.env\b/, 'Leave it out: the variables are set'],
];

/** `default` of a variable, as JavaScript, zod and ORMs' own helpers write it. */
const FALLBACK = /(\|\||\?\?|\bdefault\s*\(?:?|,)\s*$/;
const LITERAL = /(['"`])((?:postgres|postgresql):\/\/[^'"`\s${]+)\1/g;
const VARIABLE = /(?:\benv\.|\benv\[['"]|\benv\(\s*['"])([A-Z]\w*)/g;

function literals({ root, provided, allowed }: Project, path: string): FixedDatabase[] {
  const text = readSource(path) ?? '';
  const where = (index: number) => `${relative(root, path)}:${lineAt(text, index)}`;
  const readsOurs = [...text.matchAll(VARIABLE)].some(([, name = '']) => provided.includes(name));
  return [...text.matchAll(LITERAL)].flatMap(({ 2: url = '', index }): FixedDatabase[] => {
    const target = readPostgresValue(url)?.target;
    const before = text.slice(Math.max(0, index - 200), index);
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
    const instead = path.endsWith('.prisma') ? 'env("DATABASE_URL")' : 'process.env.DATABASE_URL';
    const remedy = path.endsWith('.json') ? 'Let it read DATABASE_URL' : `Write ${instead} instead`;
    return [{ where: where(index), text: `names ${targetTitle(target)}, which no variable can change. ${remedy}` }];
  });
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
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

function commandsOf({ root, build, variants }: ResolvedStacks): Pick<Project, 'commands' | 'steps'> {
  const all = [...variants.values()];
  const ofRoot = (tasks: readonly (Task | undefined)[]) =>
    tasks.flatMap((task) => (task?.kind === 'command' ? [{ text: task.command, cwd: root }] : []));
  const databases = all.flatMap((variant) => variant.databases);
  const steps = ofRoot(databases.flatMap(({ migrate, seed, prepare }) => [migrate, seed, prepare]));
  const servers = all.flatMap((variant) => variant.servers);
  const ofServers = servers.flatMap(({ command, cwd }) => (command === undefined ? [] : [{ text: command, cwd }]));
  return { steps, commands: [...ofRoot([build?.task]), ...steps, ...ofServers] };
}
