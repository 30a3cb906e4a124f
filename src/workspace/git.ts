// git as we call it: no hooks, no maintenance, no lock that is not needed, and nothing in the environment that names
// another repository.
import { StacksError } from '../errors.ts';

/** `git rev-parse --local-env-vars`, but for those that only add settings: a git hook that runs the tests sets some. */
const REPOSITORY_VARIABLES: readonly string[] = [
  ...['GIT_DIR', 'GIT_WORK_TREE', 'GIT_COMMON_DIR', 'GIT_INDEX_FILE', 'GIT_PREFIX', 'GIT_NAMESPACE', 'GIT_CONFIG'],
  ...['GIT_OBJECT_DIRECTORY', 'GIT_ALTERNATE_OBJECT_DIRECTORIES', 'GIT_QUARANTINE_PATH', 'GIT_GRAFT_FILE'],
  ...['GIT_SHALLOW_FILE', 'GIT_NO_REPLACE_OBJECTS', 'GIT_REPLACE_REF_BASE', 'GIT_IMPLICIT_WORK_TREE'],
  ...['GIT_INTERNAL_SUPER_PREFIX', 'GIT_CEILING_DIRECTORIES', 'GIT_DISCOVERY_ACROSS_FILESYSTEM'],
];

export interface GitOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly input?: string | Uint8Array;
}

export interface GitResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Milliseconds that one command may take; a checkout of a large repository is the longest. */
export const GIT_TIMEOUT_MS = 600_000;

const SETTINGS = ['core.hooksPath=/dev/null', 'gc.auto=0', 'maintenance.auto=false', 'core.fsmonitor=false'];

/** What a git command that starts in a repository must have, so that it is on that one. */
export function gitEnvironment(): NodeJS.ProcessEnv {
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !REPOSITORY_VARIABLES.includes(name)));
}

/** The variables as they are to be set. */
export function withoutRepository(): Readonly<Record<string, undefined>> {
  return Object.fromEntries(REPOSITORY_VARIABLES.map((name) => [name, undefined]));
}

/** Runs git, whatever it exits with. @throws WORKSPACE_UNFIT: there is none */
export async function tryGit(args: readonly string[], { cwd, env, input }: GitOptions): Promise<GitResult> {
  const { execa } = await import('execa'); // Every worker loads this file, few use git.
  const result = await execa('git', [...SETTINGS.flatMap((setting) => ['-c', setting]), ...args], {
    cwd,
    env: { ...gitEnvironment(), LC_ALL: 'C', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0', ...env },
    extendEnv: false,
    ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
    reject: false,
    stripFinalNewline: false,
    maxBuffer: 1_000_000_000,
    timeout: GIT_TIMEOUT_MS,
  });
  if (result.code === 'ENOENT') throw noGit(cwd, result.cause);
  return { code: result.exitCode ?? 1, stdout: result.stdout, stderr: result.stderr || (result.originalMessage ?? '') };
}

/** Runs git. Returns what it printed. @throws WORKSPACE_FAILED */
export async function git(args: readonly string[], options: GitOptions): Promise<string> {
  const { code, stdout, stderr } = await tryGit(args, options);
  if (code === 0) return stdout;
  throw new StacksError('WORKSPACE_FAILED', `git ${commandIn(args)} exited with ${code}.`, {
    facts: { command: `git ${args.join(' ')}  (cwd ${options.cwd})` },
    output: stderr.trim().split('\n').slice(-20),
    hint: 'what git says is above; it works on a copy of your repository that only the run uses.',
  });
}

/** After options, some of which have a value. */
function commandIn(args: readonly string[]): string {
  const [first = '', , ...rest] = args;
  if (first === '-c' || first === '--git-dir') return commandIn(rest);
  return first.startsWith('-') ? commandIn(args.slice(1)) : first;
}

/** The fields of what `-z` prints. */
export function fields(text: string): string[] {
  return text === '' ? [] : text.replace(/\0$/, '').split('\0');
}

/** ENOENT also says that there is no such folder. */
function noGit(cwd: string, cause: unknown): StacksError {
  return new StacksError('WORKSPACE_UNFIT', `git could not be started in ${cwd}.`, {
    hint: '`workspace` needs git 2.38 or newer in the PATH, and `workspace.repo` a folder that exists.',
    cause,
  });
}
