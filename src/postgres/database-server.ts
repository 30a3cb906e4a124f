// What template.ts and clone.ts need of a Postgres, whether it is ours or the user's.
import type { StacksError } from '../errors.ts';
import type { ServerWithout } from '../extensions/hints.ts';
import type { Client, ConnectOptions } from './client/connection.ts';
import type { Kept } from './databases/kept.ts';
import type { Made } from './databases/registry.ts';
import type { ConnectionBudget } from './existing/connection-budget.ts';
import type { Counting } from './statements/counting.ts';

/** 'owner' owns template and clones and is no superuser; on an existing server both are the role of its url. */
export type DatabaseRole = 'owner' | 'superuser';

export interface ServerConnectOptions extends ConnectOptions {
  /** Default: the maintenance database. */
  readonly database?: string;
}

export interface DatabaseServer {
  readonly kind: 'embedded' | 'existing';
  /** `18.4`. */
  readonly version: string;
  /** `180004`. */
  readonly versionNumber: number;
  /** Version, locale and encoding: what a template must be made anew for. */
  readonly identity: string;
  readonly host: string;
  readonly port: number;
  /** Where an embedded server's cluster came from. */
  readonly cluster: 'cached' | 'base' | 'initdb' | 'kept' | 'none';
  /** The embedded server's own folder. */
  readonly folder: string | undefined;
  /** The folder of the programs of an embedded server that is an installation of this machine; undefined: any other. */
  readonly installation: string | undefined;
  /** The file of the embedded server's log; an existing one's is not ours to read. */
  readonly log: string | undefined;
  /** 'stock': commits are flushed to disk, which decides how a clone is made fastest. */
  readonly durability: 'none' | 'stock';
  /** The name of the role that owns what we create. */
  readonly owner: string;
  /** What is counted of an existing server's connections; the embedded one has enough for its run. */
  readonly connectionBudget: ConnectionBudget | undefined;
  /** A session with the most rights that we have. */
  connect(options: ServerConnectOptions): Promise<Client>;
  /** For tasks and applications; over TCP, with the password. */
  urlFor(database: string, role?: DatabaseRole): string;
  /** Has every statement logged from now on, but for our own; returns the file. Undefined: its log cannot be read. */
  logStatements(how: { readonly parameters: 'show' | 'hide' }): Promise<string | undefined>;
  /** Where the workers of that many stacks may ask what the statements of a test come to; or why they cannot. */
  countStatements(stacks: number): Promise<Counting | { readonly why: string }>;
  /** Notes that the run uses the template, so that nobody drops it; the embedded server's are the run's own. */
  use(template: Made): Promise<void>;
  /** Has what was kept outlive the run, of which no session is left. An existing server does by itself. */
  putAway(kept: readonly Kept[]): Promise<void>;
  /** Resolves when the server went away without being asked to. */
  readonly lost: Promise<StacksError>;
  /** Ends our use of it: the embedded server, the lease on an existing one. */
  close(): Promise<void>;
}

/** As what it lacks is spoken of. */
export function asServerWithout({ kind, version, installation: bin }: DatabaseServer): ServerWithout {
  return { kind, version, bin };
}
