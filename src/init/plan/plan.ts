// What is to be written into the config, from what was found, and what is left for a person to do.
import { relative } from 'node:path';
import type { StepName } from '../../config/chained-steps.ts';
import type { LocalPostgres } from '../../extensions/local-postgres.ts';
import { atOf, type Detected } from '../detect/detect.ts';
import type { Framework } from '../detect/framework.ts';
import type { MigrationTool } from '../detect/migration-tool.ts';
import { type DatabaseVariable, databaseVariables } from '../detect/variables.ts';
import type { OptionTree, OptionValue } from '../edit/options-text.ts';
import type { PlaywrightConfig } from '../edit/playwright-config.ts';
import { type PackageManager, packageManagerOf } from '../package-manager.ts';
import type { Project } from '../project.ts';
import { copiedVariables, secretsTodo } from './copied-variables.ts';
import { jobsTodo } from './jobs.ts';
import { localServer, serverTodo } from './local-server.ts';
import { onSlots, planOrigins } from './origins.ts';
import { refusedIn } from './refused-scripts.ts';
import { type PlannedServer, planServers } from './servers.ts';
import { chainedStep, inputsOf, migrateStep, type PlannedStep, seedStep, usualInputs } from './steps.ts';
import { whyNotOpened, writtenOut, writtenOutTodo } from './written-out.ts';

export interface Plan {
  readonly options: OptionTree;
  /** What was found, and in which file and line. */
  readonly findings: readonly (readonly [what: string, at: string])[];
  readonly todo: readonly string[];
  /** Why init opens no slot; undefined: it may. */
  readonly notOpened: string | undefined;
}

export interface PlanInput {
  readonly project: Project;
  readonly detected: Detected;
  readonly manager: PackageManager;
  /** Which of several tools migrates; undefined: there is none. */
  readonly tool: MigrationTool | undefined;
  readonly config: PlaywrightConfig | undefined;
  /** The config's, relative to the project's folder. */
  readonly file: string;
  /** Of the config; absolute. Commands run there. */
  readonly configFolder: string;
  /** The Postgres installations of this machine. */
  readonly local: readonly LocalPostgres[];
}

export function plan(input: PlanInput): Plan {
  const { project, detected, manager, tool, config, file, configFolder } = input;
  const up = relative(configFolder, project.folder);
  const { database: own } = detected;
  const upToDatabase = relative(configFolder, own.folder);
  const ownManager = own === project ? manager : packageManagerOf(own);
  const servers = planServers(
    { project, framework: detected.framework, manager, hasPostgres: detected.product === undefined },
    config,
    file,
  );
  const placed = (step: PlannedStep | undefined): PlannedStep | undefined =>
    step && {
      ...step,
      command: from(upToDatabase, step.command),
      at: step.at === tool?.at ? step.at : atOf(project, own, step.at),
    };
  const hasPostgres = detected.product === undefined;
  const isLeft = (step: StepName) => servers.left.includes(step);
  const migrate = hasPostgres
    ? (chainedStep(servers.steps, 'migrate', file) ??
      (isLeft('migrate') && !tool ? undefined : placed(migrateStep(own, tool, ownManager))))
    : undefined;
  const seed = hasPostgres
    ? (chainedStep(servers.steps, 'seed', file) ??
      (isLeft('seed') ? undefined : placed(seedStep(own, tool, ownManager))))
    : undefined;
  const steps = [migrate, seed].flatMap((step) => (step ? [step] : []));
  const configs = detected.tools.flatMap((each) => each.configs);
  const ofDatabase = databaseVariables(
    own,
    configs,
    steps.map(({ runs }) => runs),
  );
  const ofServers = databaseVariables(
    project,
    [],
    servers.servers.map(({ command }) => command),
  );
  const variables = [
    ...ofDatabase.map((each) => ({ ...each, at: atOf(project, own, each.at) })),
    ...ofServers.filter(({ name }) => !ofDatabase.some((each) => each.name === name)),
  ];
  const inputs = withoutCovered([
    ...(tool?.inputs ?? usualInputs(own, steps)),
    ...steps.flatMap((step) => inputsOf(own, step)),
  ]);
  const named = steps.length > 0 ? writtenOut(own, tool?.configs ?? []) : [];
  const origins = planOrigins(project.folder, servers.servers);
  const hasDatabase =
    hasPostgres &&
    (tool !== undefined || migrate !== undefined || variables.length > 0 || detected.compose !== undefined);
  const ownServer = hasDatabase ? localServer(detected, input.local) : undefined;
  const database = hasDatabase
    ? databaseOptions({ migrate, seed, inputs, variables, detected, up: upToDatabase, binaries: ownServer?.bin })
    : undefined;
  const hasMore = Object.keys(origins.env).length > 0 || detected.framework?.copy !== undefined;
  const writesServers = !servers.isAdopted || (hasMore && servers.servers.length === 1);
  const entries = writesServers
    ? servers.servers.map((server) => serverOptions(server, servers.servers, origins.env, up, detected.framework?.copy))
    : [];
  const [first] = entries;
  return {
    options: {
      ...(database && { database }),
      ...(servers.build !== undefined && { build: from(up, servers.build) }),
      ...(first && { server: entries.length === 1 ? first : entries }),
    },
    findings: [
      ...(detected.framework ? [[detected.framework.name, detected.framework.at] as const] : []),
      ...detected.tools.map(({ name, at }) => [name, at] as const),
      ...detected.others.map(({ name, dialect, at }) => [`${name}, for ${dialect}`, at] as const),
      ...(migrate ? [[`migrates: ${migrate.command}`, migrate.at] as const] : []),
      ...(seed ? [[`seeds: ${seed.command}`, seed.at] as const] : []),
      ...variables.map(({ name, at }) => [`reads ${name}`, at] as const),
      ...detected.extensions.map(({ name, at }) => [`extension ${name}`, at] as const),
      ...(detected.compose ? [[detected.compose.image, detected.compose.at] as const] : []),
      ...(ownServer
        ? [[`Postgres ${ownServer.major ?? ''} of this machine, which has what is needed`, ownServer.bin] as const]
        : []),
      ...servers.findings,
      ...origins.findings,
    ],
    notOpened: whyNotOpened(servers.isRemote, named),
    todo: [
      ...refusedIn(own, input),
      ...(writesServers ? secretsTodo(servers.servers, file) : []),
      ...servers.todo,
      ...writtenOutTodo(named),
      ...(hasDatabase ? jobsTodo(project, servers.servers) : []),
      ...origins.todo,
      ...todoOf(input, hasDatabase, migrate),
    ],
  };
}

/** Each once, and none that is in a folder which is among them. */
function withoutCovered(paths: readonly string[]): string[] {
  const folders = paths.flatMap((path) => (path.endsWith('/**') ? [path.slice(0, -2)] : []));
  return [...new Set(paths)].filter(
    (path) => !folders.some((folder) => path.startsWith(folder) && path !== `${folder}**`),
  );
}

interface DatabaseParts {
  readonly migrate: PlannedStep | undefined;
  readonly seed: PlannedStep | undefined;
  readonly inputs: readonly string[];
  readonly variables: readonly DatabaseVariable[];
  readonly detected: Detected;
  readonly up: string;
  readonly binaries: string | undefined;
}

function databaseOptions({ migrate, seed, inputs, variables, detected, up, binaries }: DatabaseParts): OptionTree {
  const named = variables.filter(({ isTaken }) => !isTaken);
  const names = named.map(({ name }) => name);
  const isPlain = named.every(({ template }) => template === '{url}');
  const templates = Object.fromEntries(named.map(({ name, template }) => [name, template]));
  const env: OptionValue = !isPlain ? templates : names.length === 1 ? (names[0] ?? '') : names;
  const extensions = detected.extensions.map(({ name }) => name);
  const hasSteps = migrate !== undefined || seed !== undefined;
  return {
    ...(binaries !== undefined && { binaries }),
    ...(migrate && { migrate: migrate.command }),
    ...(seed && { seed: seed.command }),
    ...(hasSteps && inputs.length > 0 && { inputs: inputs.map((path) => (up === '' ? path : `${up}/${path}`)) }),
    ...(extensions.length > 0 && { extensions }),
    ...(named.length > 0 && { env }),
  };
}

function serverOptions(
  { command, path, developmentPort, entry }: PlannedServer,
  all: readonly PlannedServer[],
  origins: Readonly<Record<string, string>>,
  up: string,
  copy: Framework['copy'],
): OptionTree {
  const isCopied = copy !== undefined && all.length === 1;
  const own = copiedVariables(entry).map(([name, { value, raw }]) => {
    const placed = onSlots(value, all);
    return [name, placed === value && raw !== undefined ? { raw } : placed] as const;
  });
  const ofCopy = isCopied ? { [copy.variable]: `{copy:${copy.folder}}` } : {};
  const env = { ...Object.fromEntries(own), ...origins, ...ofCopy };
  const rest = Object.fromEntries(Object.entries(entry?.rest ?? {}).map(([key, raw]) => [key, { raw }]));
  const cwd = entry?.cwd ?? (entry === undefined && up !== '' ? up : undefined);
  return {
    command: onSlots(command, all),
    ...(entry?.name !== undefined && { name: entry.name }),
    ...(cwd !== undefined && { cwd }),
    ...(path !== undefined && { url: path }),
    // Known by the config's `webServer`, where there is one.
    ...(entry === undefined && developmentPort !== undefined && { port: developmentPort }),
    ...(isCopied && { copy: [copy.folder] }),
    ...(Object.keys(env).length > 0 && { env }),
    ...rest,
  };
}

/** Commands run in the config's folder. */
function from(up: string, command: string): string {
  return up === '' ? command : `cd ${up} && ${command}`;
}

function todoOf(
  { detected, config, file, tool, local }: PlanInput,
  hasDatabase: boolean,
  migrate: PlannedStep | undefined,
): string[] {
  const { framework, rivals } = detected;
  return [
    ...detected.others.map(({ name, at, dialect }) => `${at}: ${name} is for ${dialect}; only Postgres is isolated`),
    ...(detected.product !== undefined && detected.others.length === 0
      ? [`the database is ${detected.product}; only Postgres is isolated`]
      : []),
    ...(hasDatabase || detected.product !== undefined
      ? []
      : [
          "no database was found. If the application has one: database: { migrate: '…', seed: '…', inputs: ['migrations/**'] }",
        ]),
    ...(hasDatabase && !migrate
      ? [
          "no command was found that migrates: database: { migrate: '…' }, unless the application does it when it starts",
        ]
      : []),
    ...(rivals.length === 0
      ? []
      : [
          `${rivals.join(' and ')} have migrations: name those of the application's database, as database: { migrate: 'npm run migrate --prefix ${rivals[0]}' }`,
        ]),
    ...(tool?.note === undefined ? [] : [`${tool.at}: ${tool.note}`]),
    ...(framework?.note === undefined ? [] : [`${framework.name}: ${framework.note}`]),
    ...(detected.product === undefined ? serverTodo(detected, local) : []),
    ...(config?.oneWorker === undefined
      ? []
      : [`${file}:${config.oneWorker} asks for one worker: more of them can run now, as --workers=4 or in that line`]),
    ...(config?.globalSetup === undefined
      ? []
      : [
          `${file}:${config.globalSetup}: globalSetup runs as before; what it migrates or seeds is now done for the template`,
        ]),
  ];
}
