// What all stacks of a run share.
import type { JournalWriter } from '../cleanup/journal.ts';
import type { ResolvedStacks } from '../config/resolved.ts';
import type { DatabaseServer } from '../postgres/database-server.ts';
import type { Template } from '../postgres/databases/template.ts';
import type { BootTurns } from './boot-turns.ts';
import type { RunRelay } from './generations/run-relay.ts';
import type { ServerTools } from './pool/server-tools.ts';
import type { DatabaseConnections } from './proof/connected-to.ts';
import type { DevelopmentWatch } from './proof/development-watch.ts';
import type { RunWorkspaces } from './workspace/run-workspaces.ts';

export interface RunContext {
  readonly run: string;
  readonly config: ResolvedStacks;
  readonly postgres: DatabaseServer;
  /** By variant, in the order of its databases. */
  readonly templates: ReadonlyMap<string, readonly Template[]>;
  /** 'kept': they are what a test has left. It was prepared then, and is only looked at. */
  readonly of: 'templates' | 'kept';
  /** The folder of the servers' log files. */
  readonly logs: string;
  /** Milliseconds without a lease after which app servers are stopped; undefined: they run as long as the run. */
  readonly idleTimeout: number | undefined;
  /** Which databases processes are connected to. */
  readonly connections: DatabaseConnections;
  /** Whether servers are connected to a development server. */
  readonly development: DevelopmentWatch;
  /** Whether each worker has a connection more, over which statements are counted. */
  readonly isCounting: boolean;
  readonly journal: JournalWriter;
  readonly tools: ServerTools;
  /** What spares need. */
  readonly relay: RunRelay;
  /** Undefined: no variant has any. */
  readonly workspaces: RunWorkspaces | undefined;
  /** Settles when what `build` makes is there: then servers may start. */
  readonly built: Promise<unknown>;
  readonly boots: BootTurns;
  /** Aborted when the run ends. */
  readonly signal: AbortSignal;
}

/** What stacks that can be given the same changes have in common. */
export function templateOf({ templates }: RunContext, variant: string): string {
  return (templates.get(variant) ?? []).map(({ database }) => database).join();
}
