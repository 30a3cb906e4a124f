// A server's command as each of several slots runs it: with `{port}`, with what its framework needs beside others, without a lock.
import { lockOf } from '../../config/folder-locks.ts';
import { withScripts } from '../../config/source-files.ts';
import { redact } from '../../text/redact.ts';
import type { Framework } from '../detect/framework.ts';
import type { WebServer } from '../edit/playwright-config.ts';
import type { PackageManager } from '../package-manager.ts';
import type { Project } from '../project.ts';
import { isPlain, withPortPlaceholder } from './chain.ts';

export interface ServerContext {
  readonly project: Project;
  readonly framework: Framework | undefined;
  readonly manager: PackageManager;
  readonly hasPostgres: boolean;
}

/** It takes its port as the development server does, and not from PORT. */
const PREVIEWS = /\b(?:vite|astro)\s+preview\b/;

/** With `{port}` where it has a port, or needs one. */
export function onSlots(context: ServerContext, command: string, entry: WebServer | undefined): string {
  const { project, framework, manager } = context;
  const edited = withoutScriptPort(context, inSlots(context, command) ?? command);
  const flag = framework?.portFlag;
  const texts = withScripts([{ text: edited, cwd: project.folder }]).map(({ text }) => text);
  const isOfTool = (text: string) => framework?.develops.test(text) || PREVIEWS.test(text);
  const needsFlag = flag !== undefined && !edited.includes('{port}') && texts.some(isOfTool);
  const withFlag = needsFlag
    ? `${edited}${manager.name === 'npm' && /^npm\s/.test(edited) && !/\s--\s/.test(edited) ? ' --' : ''} ${flag}`
    : edited;
  return entry?.cwd === undefined ? unlocked(withFlag, project.folder) : withFlag;
}

/** Undefined: nothing of it is to be different in a slot. */
function inSlots({ framework }: ServerContext, command: string): string | undefined {
  const placed = withPortPlaceholder(command) ?? command;
  const edited = isPlain(command) ? (framework?.inSlots?.(placed) ?? placed) : placed;
  return edited === command ? undefined : edited;
}

/** What needs no package to be found. */
const PROGRAM = /^(?:node|python3?|ruby|php|deno|bun|java|go|cargo|dotnet|\.{0,2}\/|bin\/)/;

/** A port that a script has: what the script runs instead, with `{port}`. */
function withoutScriptPort(context: ServerContext, command: string): string {
  const { project, manager } = context;
  const name = /^(?:npm|pnpm|yarn|bun)\s+(?:run\s+)?([\w:.-]+)$/.exec(command)?.[1];
  const script = name === undefined ? undefined : project.scripts[name];
  const edited =
    script === undefined || /&&|[;|]/.test(script) || redact(script) !== script ? undefined : inSlots(context, script);
  if (edited === undefined) return command;
  const [, variables = '', rest = ''] = /^((?:\w+=\S*\s+)*)(.*)$/s.exec(edited) ?? [];
  return variables + (PROGRAM.test(rest) ? rest : manager.exec(rest));
}

export function unlocked(command: string, cwd: string): string {
  return lockOf({ command, cwd })?.unlocked ?? command;
}
