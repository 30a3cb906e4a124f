// `.env` files that the project loads over the environment: a database that one of them names wins over the variables that
// we set. Only the files that are loaded so count, not every one that lies there.
import { basename, dirname, relative, resolve } from 'node:path';
import { readEnvFile } from './env-files.ts';
import { type InheritedDatabase, inheritedDatabases, isAllowed } from './inherited-databases.ts';
import { targetTitle } from './postgres-value.ts';
import { type Command, lineAt, type SourceFile } from './source-files.ts';

export interface EnvOverrides {
  readonly root: string;
  readonly inherited: readonly InheritedDatabase[];
  readonly allowed: readonly string[];
}

/** What loads files, and the names of these where they are written there; undefined: they are known when it runs. */
interface Loading {
  readonly names: readonly string[] | undefined;
  /** What relative names may start from. */
  readonly folders: readonly string[];
}

/** A line for each, with what to write. */
export function envOverrides(
  project: EnvOverrides,
  commands: readonly Command[],
  files: readonly SourceFile[],
): { readonly where: string; readonly text: string }[] {
  const { root } = project;
  const cwds = [...new Set(commands.map(({ cwd }) => cwd))];
  const loads = 'loads .env files over the environment, and';
  const inFiles = files.flatMap(({ path, text }) => {
    if (!/dotenv|read_env/.test(text)) return [];
    const folders = [dirname(path), root, ...cwds];
    const found = IN_FILE.flatMap((pattern) => [...text.matchAll(pattern)]).flatMap((match) => {
      const what = databaseIn(project, { names: namesInCall(text, match), folders });
      return what === undefined ? [] : [{ match, what }];
    });
    return found.slice(0, 1).map(({ match: { 0: call, index }, what }) => {
      const said = call.slice(call.search(/overrid|overwrit/i)).replace(/\s+/g, ' ');
      const where = `${relative(root, path)}:${lineAt(text, index + call.length)}`;
      return { where, text: `${loads} ${what}. Leave out: ${said}` };
    });
  });
  const inCommands = commands.flatMap(({ text, cwd }) => {
    const found = IN_COMMAND.flatMap(([pattern, remedy]) =>
      [...text.matchAll(pattern)].flatMap((match) => {
        const what = databaseIn(project, { names: namesInCommand(text, match), folders: [cwd] });
        return what === undefined ? [] : [{ where: `\`${text}\``, text: `${loads} ${what}. ${remedy}` }];
      }),
    );
    return found.slice(0, 1);
  });
  return [...inFiles, ...inCommands];
}

/** A character, or a call with calls in it: `resolve(dirname(file()), '.env')`. */
function withCalls(depth: number): string {
  return depth === 0 ? '[^()]' : `(?:[^()]|\\(${withCalls(depth - 1)}{0,300}\\))`;
}

/** dotenv's `override: true`, python-dotenv's and django-environ's. */
const IN_FILE = [
  new RegExp(`\\b(?:config|populate|dotenv\\w*)\\(\\s*\\{${withCalls(3)}{0,300}?\\boverride\\s*:\\s*true\\b`, 'g'),
  /\bload_dotenv\([^)]*\boverride\s*=\s*True/g,
  /\bread_env\([^)]*\boverwrite\s*=\s*True/g,
];

const IN_COMMAND: readonly (readonly [pattern: RegExp, remedy: string])[] = [
  [/\bdotenv\b[^&|;]*\s(-o|--override)\b/g, 'Leave out: --override'],
  [/\bdotenvx\b[^&|;]*\s(--overload|--override)\b/g, 'Leave out: --overload'],
  // With -e and -r it reads .env-cmdrc.
  [/\benv-cmd\b(?!\s+(?:-e|--environments|-r|--rc-file)\b)(?![^&|;]*--no-override)/g, 'Write: env-cmd --no-override'],
  [/\bdotenv\s+(?:-f\s+\S+\s+)?run\b(?![^&|;]*--no-override)/g, 'Write: dotenv run --no-override'],
  // `docker build . --env-file=.env` loads nothing here.
  [/(^|[;&|(]\s*|\s)(\.|source)\s+(?!-)\S*\.env\b/g, 'Leave it out: the variables are set'],
  [/\$\((?:cat|grep|xargs)[^)]*\.env\b/g, 'Leave it out: the variables are set'],
];

/** "POSTGRES_URL of .env names localhost:5432/dev", of the first database that is not allowed. */
function databaseIn({ root, inherited, allowed }: EnvOverrides, { names, folders }: Loading): string | undefined {
  const ofFiles = inherited.filter(({ from }) => from !== 'environment');
  const known = ofFiles.filter(({ from }) => names?.some((name) => basename(name) === basename(from)) ?? true);
  const paths = (names ?? []).flatMap((name) => folders.map((folder) => resolve(folder, name)));
  const others = inheritedDatabases({}, [...new Set(paths)].flatMap(readEnvFile), root);
  const found = [...known, ...others].find((each) => !isAllowed(each, allowed));
  return found && `${found.variables[0]} of ${found.from} names ${targetTitle(found.target)}`;
}

/** Those of a call that says none are dotenv's own default. */
function namesInCall(text: string, { 0: call, index }: RegExpExecArray): readonly string[] | undefined {
  const end = index + call.length;
  const whole = call + (/^[^)]{0,300}/.exec(text.slice(end))?.[0] ?? '');
  const found = [...whole.matchAll(/(['"`])([^'"`\n]*\.env[^'"`\n]*)\1(\s*\+)?/g)];
  if (found.some(([, , name = '', more]) => more !== undefined || name.includes('{'))) return undefined;
  const names = found.map(([, , name = '']) => name);
  if (names.length > 0) return names;
  const isDefault = /^\w+\(\s*\{?\s*\w+\s*[:=]\s*[tT]rue\s*,?\s*\}?\s*$/.test(whole);
  return isDefault ? ['.env'] : undefined;
}

function namesInCommand(text: string, { 0: loader, index }: RegExpExecArray): readonly string[] | undefined {
  const end = index + loader.length;
  const rest = /\.env$/.test(loader) ? /^[\w.-]*/ : /^(?:(?!\s--\s)[^&|;])*/;
  const whole = (loader + (rest.exec(text.slice(end))?.[0] ?? '')).split(/\s--\s/)[0] ?? '';
  // A variable of the shell's, or dotenv-cli's `-c`, which adds names.
  if (/\$(?!\()|\s-c\b/.test(whole)) return undefined;
  const names = [...whole.matchAll(/[\w./@-]*\.env\b[\w.-]*/g)].map(([name]) => name);
  return names.length > 0 ? names : ['.env'];
}
