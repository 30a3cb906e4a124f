// `init`: reads the project, says what it found, shows what it would write, and writes it when it may.
import { dirname, join, relative } from 'node:path';
import { type LocalPostgres, localInstallations } from '../extensions/local-postgres.ts';
import { addPackages } from './add-packages.ts';
import { compilesAll } from './compiled.ts';
import { type Detected, detect } from './detect/detect.ts';
import type { MigrationTool } from './detect/migration-tool.ts';
import { editConfig } from './edit/edit-config.ts';
import { applied, diffOf } from './edit/edits.ts';
import { FIRST_TEST, newConfigText, textToPaste } from './edit/new-config.ts';
import type { OptionTree } from './edit/options-text.ts';
import { type ReadConfig, readPlaywrightConfig } from './edit/playwright-config.ts';
import { styleOf } from './edit/style.ts';
import { applicationFolder, editedFile, findConfigs, isForComponents, namedConfig } from './find-config.ts';
import { type LookOptions, lookAtSlots, quoted } from './look-at-slots.ts';
import { type PackageManager, packageManagerOf } from './package-manager.ts';
import { type Plan, plan } from './plan/plan.ts';
import { migrateStep } from './plan/steps.ts';
import { openProject, type Project } from './project.ts';
import { skillFile } from './skill.ts';
import type { Talk } from './talk.ts';
import { testsOf } from './tests-of.ts';
import { isUncommitted, type PlannedFile, readIfThere, writeAll } from './write.ts';

export interface InitOptions extends LookOptions {
  readonly config: string | undefined;
  /** `written`: also the skill for coding agents. */
  readonly skill: 'written' | 'none';
  readonly writes: 'asked' | 'never';
  /** @default those of this machine */
  readonly local?: readonly LocalPostgres[];
}

const MOST_BYTES = 256 * 1024;

/** Resolves with the exit code. */
export async function init(options: InitOptions): Promise<number> {
  let result: number | (() => Promise<number>);
  try {
    result = await initIn(options);
  } catch (error) {
    const { code, path = '' } = error as NodeJS.ErrnoException;
    const what = code === undefined ? undefined : UNREADABLE[code];
    if (what === undefined) throw error;
    throw new Error(`${relative(options.folder, path) || '.'} ${what}: nothing was changed.`, { cause: error });
  }
  return typeof result === 'number' ? result : result();
}

const UNREADABLE: Readonly<Record<string, string>> = {
  ENOENT: 'is not there, or is a link to nothing',
  EISDIR: 'is a folder, and not a file',
  ENOTDIR: 'is below a file',
  ELOOP: 'is a link that leads to itself',
  EACCES: 'may not be read',
  EPERM: 'may not be read',
};

/** The exit code, or what is to be done when all is written. */
async function initIn(options: InitOptions): Promise<number | (() => Promise<number>)> {
  const { folder, talk } = options;
  const path = await configOf(options);
  const configFolder = path === undefined ? folder : dirname(path);
  const project = openProject(applicationFolder(configFolder));
  const manager = packageManagerOf(project);
  const found = path === undefined ? undefined : await readConfig(folder, path);
  const skill = options.skill === 'written' ? skillFile(project.folder, talk) : [];
  if (found?.kind === 'done' && found.isAdded(project) && skill.length === 0) {
    talk.say(`${relative(folder, found.path)} has withStacks() already: nothing to do.`);
    return 0;
  }
  const planned = found?.kind === 'done' ? NOTHING : await plannedFiles(options, project, manager, configFolder, found);
  if (planned === undefined) return 1;
  for (const { path: file } of skill) talk.say(`For coding agents: ${relative(folder, file)}`);
  const written = [...planned.files, ...skill];
  const packages = ['@playwright/test', 'playwright-stacks'].filter((name) => !project.dependencies.has(name));
  const commands = packages.length === 0 ? [] : [manager.add(packages).join(' ')];
  for (const command of commands)
    talk.say(`To be run: ${command}${manager.from === undefined ? '' : ` (${manager.from})`}`);
  if (options.writes === 'never') return 0;
  if (!(await talk.confirm(commands.length > 0 ? 'Run this, and write the files?' : 'Write this?')))
    return stopped(talk);
  // What may fail comes first: the files are written when their import is there.
  if (packages.length > 0) await addPackages(project, manager, packages);
  try {
    writeAll(written);
  } catch (cause) {
    const added = packages.length === 0 ? '' : `\nAdded to package.json, and still there: ${packages.join(', ')}`;
    throw new Error(`${cause instanceof Error ? cause.message : cause}${added}`, { cause });
  }
  if (planned.files.length === 0 && packages.length === 0) return 0;
  return () => lookAtSlots(options, manager, path ?? planned.files[0]?.path, planned.notOpened);
}

/** The config's path; undefined: there is none yet. */
async function configOf({ folder, config, talk }: InitOptions): Promise<string | undefined> {
  if (config !== undefined) return namedConfig(folder, config);
  const { paths: found, isUsual } = findConfigs(folder);
  if (found.length === 0 || (found.length === 1 && isUsual)) return found[0];
  const names = found.map((path) => relative(folder, path));
  const chosen = await talk.choose('Which Playwright config?', names);
  if (chosen !== undefined) return found[chosen];
  const lines = names.map((name) => `  npx playwright-stacks init --config ${quoted(name)}`);
  const what = isUsual
    ? `there are ${names.length} Playwright configs`
    : 'there is no playwright.config.ts, which Playwright takes by itself';
  throw new Error(`${what}; nothing was changed. Name one:\n${lines.join('\n')}`);
}

type Found = { readonly path: string; readonly content: string; readonly text: string } & (
  | Exclude<ReadConfig, { kind: 'done' }>
  | { readonly kind: 'done'; readonly isAdded: (project: Project) => boolean }
);

async function readConfig(folder: string, name: string): Promise<Found> {
  const path = editedFile(folder, name);
  const content = readIfThere(path) ?? '';
  if (content.length > MOST_BYTES)
    throw new Error(`${relative(folder, path)} is larger than 256 kB: nothing was changed.`);
  const text = content.replace(/^\uFEFF/, '');
  const read = await readPlaywrightConfig(text);
  const isAdded = ({ dependencies }: Project) => dependencies.has('playwright-stacks');
  return { path, content, text, ...(read.kind === 'done' ? { kind: 'done', isAdded } : read) };
}

interface Planned {
  readonly files: readonly PlannedFile[];
  /** Why no slot is opened afterwards. */
  readonly notOpened: string | undefined;
}

const NOTHING: Planned = { files: [], notOpened: undefined };

/** Undefined: it is to be written by hand, and the text was shown, or it was ended. */
async function plannedFiles(
  { folder, talk, local = localInstallations() }: InitOptions,
  project: Project,
  manager: PackageManager,
  configFolder: string,
  found: Exclude<Found, { kind: 'done' }> | undefined,
): Promise<Planned | undefined> {
  const detected = detect(project);
  const tool = await toolOf(detected, manager, talk);
  if (tool === 'ended') return undefined;
  const config = found?.kind === 'read' ? found.config : undefined;
  const file = found === undefined ? 'playwright.config' : relative(folder, found.path);
  const planned = plan({ project, detected, manager, tool, config, file, configFolder, local });
  sayFound(talk, planned, manager);
  if (found === undefined && planned.options.server === undefined) {
    talk.say(
      'There is no Playwright config here, and nothing that starts an application: nothing was changed. Run init in the folder of the application, or name its config with -c.',
    );
    return undefined;
  }
  const { notOpened } = planned;
  if (found === undefined) return { files: newFiles(folder, configFolder, project, planned.options, talk), notOpened };
  if (isForComponents(found.text)) talk.say(`${file} is for tests of components, which may need no application.`);
  const edits = found.kind === 'read' ? editConfig(found.text, found.config, planned.options, styleOf(found.text)) : [];
  const result = applied(found.text, edits);
  // Whatever the file is like: what is written is a config that has it.
  const isRight = (await readPlaywrightConfig(result)).kind === 'done';
  if (found.kind === 'unknown' || !isRight) {
    const reason = found.kind === 'unknown' ? found.reason : 'what would be written is not right';
    talk.say(`${file} is not edited: ${reason}. Write there:\n\n${textToPaste(planned.options)}`);
    return undefined;
  }
  talk.say(diffOf(file, found.text, edits));
  if (isUncommitted(found.path))
    talk.say(`${file} has changes that are not committed: those stay, beside what is added.`);
  const mark = found.content.slice(0, found.content.length - found.text.length);
  return { files: [{ path: found.path, content: mark + result, before: found.content }], notOpened };
}

/** Which of several tools migrates. */
async function toolOf(
  { tools, database }: Detected,
  manager: PackageManager,
  talk: Talk,
): Promise<MigrationTool | undefined | 'ended'> {
  if (tools.length < 2) return tools[0];
  // A script that runs one of them says which.
  const scripts = Object.values(database.scripts);
  const named = tools.filter(({ migrate }) => scripts.some((text) => migrate?.runs.test(text)));
  if (named.length === 1) return named[0];
  const able = tools.filter(({ migrate }) => migrate !== undefined);
  if (able.length < 2) return able[0] ?? tools[0];
  const names = able.map((tool) => `${tool.name} (${tool.at}): ${migrateStep(database, tool, manager)?.command}`);
  const chosen = await talk.choose('Which of them migrates the database?', names);
  if (chosen !== undefined) return able[chosen];
  talk.say(
    `Two tools may migrate the database; nothing was changed. Run init in a terminal to choose, or write one in database.migrate:\n${names.map((name) => `  ${name}`).join('\n')}`,
  );
  return 'ended';
}

function sayFound(talk: Talk, { findings, todo }: Plan, manager: PackageManager): void {
  const all = [...(manager.from === undefined ? [] : [[manager.name, manager.from] as const]), ...findings];
  const width = Math.max(0, ...all.map(([, at]) => at.length));
  talk.say(['Found:', ...all.map(([what, at]) => `  ${at.padEnd(width)}  ${what}`), ''].join('\n'));
  if (todo.length > 0) talk.say(['To look at:', ...todo.map((line) => `  ${line}`), ''].join('\n'));
}

function newFiles(
  folder: string,
  configFolder: string,
  project: Project,
  options: OptionTree,
  talk: Talk,
): PlannedFile[] {
  const { testDir, hasTests } = testsOf(project);
  const isTypeScript =
    project.dependencies.has('typescript') || readIfThere(join(project.folder, 'tsconfig.json')) !== undefined;
  const ending = isTypeScript ? 'ts' : 'js';
  const config = {
    path: join(configFolder, `playwright.config.${isTypeScript && compilesAll(project) ? 'mjs' : ending}`),
    content: newConfigText(testDir, options),
    before: undefined,
  };
  const test = { path: join(configFolder, testDir, `answers.spec.${ending}`), content: FIRST_TEST, before: undefined };
  const files = hasTests ? [config] : [config, test];
  for (const { path, content } of files) talk.say(`To be made: ${relative(folder, path)}\n\n${content}`);
  return files;
}

function stopped(talk: Talk): number {
  talk.say('Nothing was changed.');
  return 1;
}
