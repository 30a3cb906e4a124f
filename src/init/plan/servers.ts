// The servers of a slot: what the config's `webServer` starts, as slots can share it, or what the project's scripts say.
import { resolve } from 'node:path';
import type { StepName } from '../../config/chained-steps.ts';
import { withScripts } from '../../config/source-files.ts';
import { redact } from '../../text/redact.ts';
import type { PlaywrightConfig, WebServer } from '../edit/playwright-config.ts';
import { atKey } from '../project.ts';
import { remotePlace, remoteWord } from '../remote.ts';
import { chainOf, hasNumber } from './chain.ts';
import { type ServerContext as Context, onSlots, unlocked } from './slot-command.ts';

export interface PlannedServer {
  readonly command: string;
  /** What its url is, without host and port. */
  readonly path: string | undefined;
  readonly developmentPort: number | undefined;
  readonly entry: WebServer | undefined;
}

export interface PlannedServers {
  readonly servers: readonly PlannedServer[];
  /** The config's `webServer` serves slots as it is. */
  readonly isAdopted: boolean;
  readonly build: string | undefined;
  /** What `webServer` does before it serves. */
  readonly steps: readonly { readonly step: StepName; readonly command: string }[];
  /** What stays in a server's command, which is not taken apart. */
  readonly left: readonly StepName[];
  readonly findings: readonly (readonly [what: string, at: string])[];
  readonly todo: readonly string[];
  readonly isRemote: boolean;
}

export function planServers(context: Context, config: PlaywrightConfig | undefined, file: string): PlannedServers {
  const found = serversOf(context, config, file);
  const folder = context.project.folder;
  const places = (config?.webServers ?? []).flatMap(({ command, cwd }) =>
    command === undefined ? [] : (remotePlace(command, cwd === undefined ? folder : resolve(folder, cwd)) ?? []),
  );
  const todo = [...new Set(places)].map(
    (place) => `${file}: its webServer says \`${place}\`: slots need a server that starts here, with their database`,
  );
  return { ...found, todo: [...found.todo, ...todo], isRemote: places.length > 0 };
}

function serversOf(
  context: Context,
  config: PlaywrightConfig | undefined,
  file: string,
): Omit<PlannedServers, 'isRemote'> {
  if (config?.hasOtherServers) {
    return {
      servers: [],
      isAdopted: true,
      build: undefined,
      steps: [],
      left: [],
      findings: [],
      todo: [computed(file)],
    };
  }
  return config && config.webServers.length > 0 ? ofWebServers(context, config.webServers, file) : ofScripts(context);
}

function computed(file: string): string {
  return `${file}: its webServer is computed, and adopted as it is at run time; a port that is written into its command is an error that says what to write`;
}

function ofWebServers(context: Context, entries: readonly WebServer[], file: string): Omit<PlannedServers, 'isRemote'> {
  const findings: (readonly [string, string])[] = [];
  const todo: string[] = [];
  const steps: { step: StepName; command: string }[] = [];
  const left: { step: StepName; command: string }[] = [];
  let build: string | undefined;
  let isChanged = false;
  const servers = entries.flatMap((entry): PlannedServer[] => {
    // A secret is not written a second time.
    if (entry.command === undefined || redact(entry.command) !== entry.command) return [];
    const cwd = entry.cwd;
    const chain = cwd === undefined ? chainOf(entry.command, context.project.folder) : undefined;
    const isLeft = chain?.parts?.steps.some(({ step, command }) => isUnfit(context, step, command)) ?? false;
    const parts = isLeft ? undefined : chain?.parts;
    left.push(...(isLeft ? (chain?.parts?.steps ?? []) : (chain?.left ?? [])));
    const built = parts?.steps.find(({ step }) => step === 'build')?.command;
    const served = parts?.serves ?? entry.command;
    if (parts) {
      steps.push(...parts.steps);
      findings.push([`slots run \`${served}\`; what comes before it is done once`, file]);
    }
    const isSimple = !/&&|[;|]/.test(served) && (chain === undefined || parts !== undefined);
    const isDevelopment = cwd === undefined && isSimple && isDev(context, served);
    const instead = isDevelopment ? builtServer(context) : undefined;
    build ??= built ?? instead?.build;
    const command = onSlots(context, instead?.command ?? served, entry);
    if (instead)
      findings.push([`slots run \`${command}\`, which serves what was built, instead of \`${served}\``, file]);
    isChanged ||= command !== entry.command;
    const port = entry.port ?? portOf(entry.url);
    const texts = withScripts([{ text: command, cwd: resolve(context.project.folder, cwd ?? '.') }]);
    if (port !== undefined && !command.includes('{port}') && texts.some(({ text }) => hasNumber(text, port))) {
      todo.push(
        `${file}: \`${command}\` has ${port}, and it cannot be told how it gets its port: write it with {port}, as server: { command: 'PORT={port} …' }`,
      );
    }
    return [{ command, path: pathOf(entry.url), developmentPort: port, entry }];
  });
  const isComputed = entries.some((entry) => entry.isComputed);
  const isUnknown = servers.length < entries.length;
  const isAdopted = !isChanged || isUnknown;
  if (isUnknown) todo.push(computed(file));
  else if (!isAdopted && isComputed) {
    todo.push(`${file}: its webServer has keys that are computed; give them to \`server\` as well, if slots need them`);
  }
  if (left.length > 0) {
    const named = [...new Set(left.map(({ step }) => step))].join(', ');
    todo.push(
      `${file}: its webServer's command is left as it is; what it does before it serves (${named}) could be done once for all slots, if you write it into database and build by hand`,
    );
  }
  return {
    ...{ servers: isUnknown ? [] : servers, isAdopted, build, steps, findings, todo },
    left: left.map(({ step }) => step),
  };
}

const SCRIPTS = ['start:e2e', 'start:test', 'start', 'dev', 'serve', 'preview'];

function ofScripts(context: Context): Omit<PlannedServers, 'isRemote'> {
  const { project, manager, framework } = context;
  const built = builtServer(context);
  const script = SCRIPTS.find((name) => {
    const text = project.scripts[name];
    return text !== undefined && (framework?.builtPort === undefined || framework.develops.test(text));
  });
  if (built) {
    const findings = [[`slots run \`${built.command}\``, built.at]] as const;
    return {
      servers: [planned(context, built.command)],
      isAdopted: false,
      build: built.build,
      left: [],
      steps: [],
      findings,
      todo: [],
    };
  }
  if (script !== undefined) {
    const command = onSlots(context, manager.run(script), undefined);
    const findings = [[`slots run \`${command}\`: ${project.scripts[script]}`, atKey(project, script)]] as const;
    const needsBuild =
      /\b(?:dist|build|out)\//.test(project.scripts[script] ?? '') && project.scripts.build !== undefined;
    return {
      ...{ servers: [planned(context, command)], isAdopted: false, steps: [], left: [], findings, todo: [] },
      build: needsBuild ? manager.run('build') : undefined,
    };
  }
  if (framework?.serves && framework.serves.from === 'system') {
    const findings = [[`slots run \`${framework.serves.command}\``, framework.at]] as const;
    return {
      servers: [planned(context, framework.serves.command)],
      isAdopted: false,
      build: undefined,
      steps: [],
      left: [],
      findings,
      todo: [],
    };
  }
  const todo = ["no command was found that starts the application: server: { command: 'npm start', url: '/' }"];
  return { servers: [], isAdopted: true, build: undefined, steps: [], left: [], findings: [], todo };
}

function planned({ framework }: Context, command: string): PlannedServer {
  return { command, path: '/', developmentPort: framework?.port, entry: undefined };
}

/** What serves what is built, where the project has both. */
function builtServer(
  context: Context,
): { readonly command: string; readonly build: string; readonly at: string } | undefined {
  const { project, framework, manager } = context;
  if (!framework?.serves || project.scripts.build === undefined) return undefined;
  const { serves } = framework;
  const script = Object.entries(project.scripts).find(([, text]) => serves.script.test(text) && !/&&|;/.test(text));
  const flags = /\s(-p \{port\}|--port \{port\}.*)$/.exec(serves.command)?.[1];
  const own = serves.from === 'packages' ? manager.exec(serves.command) : serves.command;
  const command = script === undefined ? own : onSlots(context, manager.run(script[0], flags), undefined);
  const at = script === undefined ? framework.at : atKey(project, script[0]);
  return { command: unlocked(command, project.folder), build: manager.run('build'), at };
}

/** It is left in the server's command, where the config has it. */
function isUnfit({ project, hasPostgres }: Context, step: StepName, command: string): boolean {
  if (step !== 'build' && !hasPostgres) return true;
  return withScripts([{ text: command, cwd: project.folder }]).some(({ text }) => remoteWord(text) !== undefined);
}

function isDev({ project, framework }: Context, command: string): boolean {
  return withScripts([{ text: command, cwd: project.folder }]).some(({ text }) => framework?.develops.test(text));
}

function portOf(url: string | undefined): number | undefined {
  const port = /^https?:\/\/[^/]*:(\d+)/.exec(url ?? '')?.[1];
  return port === undefined ? undefined : Number(port);
}

function pathOf(url: string | undefined): string | undefined {
  return url === undefined ? undefined : url.replace(/^https?:\/\/[^/]+/, '') || '/';
}
