// What is said of scripts that are not used.
import { atOf, type Detected } from '../detect/detect.ts';
import type { MigrationTool } from '../detect/migration-tool.ts';
import type { PlaywrightConfig } from '../edit/playwright-config.ts';
import { atKey, type Project } from '../project.ts';

interface Refusing {
  readonly project: Project;
  readonly detected: Detected;
  readonly tool: MigrationTool | undefined;
  readonly config: PlaywrightConfig | undefined;
}

const STEP_LIKE = /migrat|seed|(?:^|[:._-])db(?:$|[:._-])/i;
const SERVER_LIKE = /^(?:build|start|dev|serve|preview)(?:$|[:._-])/;

/** Which scripts are not used, of those that might have been. */
export function refusedIn(own: Project, { project, config, tool, detected }: Refusing): string[] {
  const runs = [tool?.migrate?.runs, tool?.seed?.runs];
  const said = (of: Project, name: string, says: string) =>
    `${atOf(project, of, atKey(of, name))}: the script ${name} is not used: it says \`${says}\`, and may reach a database that is not the slot's`;
  const texts = Object(own.manifest.scripts);
  const steps = detected.product === undefined ? own.refused : [];
  const servers = (config?.webServers.length ?? 0) === 0 ? project.refused : [];
  return [
    ...steps.flatMap(({ name, says }) =>
      STEP_LIKE.test(name) || runs.some((pattern) => pattern?.test(String(texts[name]))) ? [said(own, name, says)] : [],
    ),
    ...servers.flatMap(({ name, says }) => (SERVER_LIKE.test(name) ? [said(project, name, says)] : [])),
  ];
}
