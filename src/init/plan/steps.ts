// Which command migrates, and which fills the database: a script of the project's where it has one, else its tool's own.

import { relative } from 'node:path';
import type { StepName } from '../../config/chained-steps.ts';
import { sourceFiles, withScripts } from '../../config/source-files.ts';
import { existing, type MigrationTool, type Step } from '../detect/migration-tool.ts';
import type { PackageManager } from '../package-manager.ts';
import { atKey, type Project } from '../project.ts';

export interface PlannedStep {
  readonly command: string;
  /** `package.json:9`, or where the tool is configured. */
  readonly at: string;
  /** The text of the script, or of the project's own command; of a tool's own it is known what it reads. */
  readonly runs: string;
}

const MIGRATES = /^(?:db[:._-])?migrat(?:e|ions?)(?:[:._-](?:up|latest|deploy|run|e2e|test))?$/;
const SEEDS = /^(?:db[:._-])?seeds?(?:[:._-](?:up|run|all|e2e|test|dev))?$/;
/** What asks questions, drops what is there, or makes a migration instead of running one. */
const UNFIT =
  /\bmigrate\s+(?:dev|reset|create|make|new|diff|down)\b|\b(?:reset|rollback|drop|generate|make|revert|fresh|refresh)\b|\bmigration:(?:create|generate|revert|down)\b|--create-only|\bdropdb\b|\bcreatedb\b/;

export function migrateStep(
  project: Project,
  tool: MigrationTool | undefined,
  manager: PackageManager,
): PlannedStep | undefined {
  return step(project, tool, tool?.migrate, MIGRATES, manager);
}

export function seedStep(
  project: Project,
  tool: MigrationTool | undefined,
  manager: PackageManager,
): PlannedStep | undefined {
  return step(project, tool, tool?.seed, SEEDS, manager);
}

function step(
  { scripts, ...project }: Project,
  tool: MigrationTool | undefined,
  own: Step | undefined,
  named: RegExp,
  manager: PackageManager,
): PlannedStep | undefined {
  const fit = Object.entries(scripts).filter(([, text]) => !UNFIT.test(text));
  // One that does more than this, as to start the server, is no step.
  const byText = fit.filter(([, text]) => own?.runs.test(text) && !/&&|;|\|/.test(text));
  const byName = fit.filter(([name, text]) => named.test(name) && (named === SEEDS || !STARTS.test(text)));
  const args = own?.args;
  // Another one might not take them.
  const [found] = [...sorted(byText), ...(args === undefined ? sorted(byName) : [])];
  const first = own?.first === undefined ? '' : `${manager.exec(own.first)} && `;
  const before = first + (own?.before ?? '');
  if (found) {
    const [name, runs] = found;
    return { command: before + manager.run(name, args), at: atKey(project as Project, name), runs };
  }
  if (!own || !tool) return undefined;
  const ofTool = args === undefined ? own.command : `${own.command} ${args}`;
  const command = before + (tool.from === 'packages' ? manager.exec(ofTool) : ofTool);
  return { command, at: tool.at, runs: '' };
}

const STARTS = /&&\s*(?:npm\s+(?:run\s+)?start|node\s+\S*(?:server|index|main))/;

/** What the config's `webServer` does by itself. */
export function chainedStep(
  steps: readonly { readonly step: StepName; readonly command: string }[],
  wanted: StepName,
  at: string,
): PlannedStep | undefined {
  const found = steps.find(({ step, command }) => step === wanted && !UNFIT.test(command));
  return found && { command: found.command, at, runs: found.command };
}

/** Those for tests first, then the shortest. */
function sorted(scripts: readonly (readonly [string, string])[]): readonly (readonly [string, string])[] {
  const rank = ([name]: readonly [string, string]) => (/e2e|test/.test(name) ? 0 : name.length);
  return [...scripts].sort((a, b) => rank(a) - rank(b));
}

/** Files and folders that a step's script names, and the files that those import. */
export function inputsOf(project: Project, { runs }: PlannedStep): string[] {
  const texts = withScripts([{ text: runs, cwd: project.folder }]).map(({ text }) => text);
  const words = texts.flatMap((text) => text.split(/&&|[;|]/).flatMap((part) => argumentsOf(part.trim())));
  const [folders, files] = [words.filter((word) => !/\.\w+$/.test(word)), words.filter((word) => /\.\w+$/.test(word))];
  const imported = sourceFiles([{ text: files.join(' '), cwd: project.folder }]).map(({ path }) =>
    relative(project.folder, path),
  );
  return existing(project, [...folders.filter((word) => !ALL.test(word)), ...files, ...imported]);
}

const PLACES = ['', 'src/', 'db/', 'src/db/', 'database/', 'sql/'];

/** Of a script of the project's own, which reads a folder that its command does not name. */
export function usualInputs(project: Project, steps: readonly PlannedStep[]): string[] {
  if (steps.length === 0) return [];
  return existing(
    project,
    ['migrations', 'seeds'].flatMap((name) => PLACES.map((place) => place + name)),
  );
}

/** The words of a command behind its program. */
function argumentsOf(command: string): string[] {
  const own = command.replace(
    /^(?:\w+=\S*\s+)*(?:(?:npx|bunx|(?:pnpm|yarn|npm|bun)(?:\s+(?:exec|dlx|run|x))?)\s+(?:--?\w+\s+)*)?/,
    '',
  );
  const words = own.split(/[\s()'"=]+/).slice(1);
  return words.filter((word) => /^[\w.@][\w.@/-]*$/.test(word));
}

/** Folders of more than the database's. */
const ALL = /^(?:\.|src|app|lib|dist|build|node_modules|e2e|tests?|public|bin)$/;
