// The `stack` fixture: what the tests of a worker may know of their stack.
import type { WorkerInfo } from '@playwright/test';
import { StacksError } from '../errors.ts';
import type { StackInfo } from '../pool/run-file.ts';
import { checkpoint } from './isolation.ts';
import { enterStack } from './worker-session.ts';

/** A worker's stack. */
export interface Stack {
  /** 0 … workers-1: Playwright's `parallelIndex`. */
  readonly slot: number;
  /** Unique in the world, made of lower-case letters, digits and `_`: a prefix for what else the application shares. */
  readonly key: string;
  /** The first server's origin, without a slash at the end. Throws when the stack has no server. */
  readonly url: string;
  /** The slot's database; of several, `main`. */
  readonly db: { readonly url: string };
  /** What the servers get: `DATABASE_URL`, `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`. */
  readonly env: Readonly<Record<string, string>>;
  /** A server by name. Throws for an unknown one, naming those that are there. */
  server(name: string): { readonly url: string };
  /** One of several databases by name. Throws for an unknown one, naming those that are there. */
  database(name: string): { readonly url: string };
  /**
   * Keeps what is in the database now for all tests of this worker. For worker fixtures and `beforeAll`; throws
   * OPTIONS_INVALID in a test. What a worker fixture writes while it is set up is kept in any case.
   */
  checkpoint(): Promise<void>;
}

export async function ownStack(worker: WorkerInfo, variant: string): Promise<Stack> {
  if (process.env.STACKS === 'off') return withoutStacks(worker);
  const entry = await enterStack(worker, { variant, servers: [] });
  if ('skip' in entry) throw new StacksError('STACK_NOT_LEASED', entry.skip);
  return toStack(entry.session.stack, () => checkpoint(entry.session));
}

function toStack(info: StackInfo, checkpoint: Stack['checkpoint']): Stack {
  const { slot, key, url, servers, databaseUrl, databases, env } = info;
  return {
    slot,
    key,
    get url() {
      if (url === undefined) throw noServer('the stack has no server', servers);
      return url;
    },
    db: { url: databaseUrl },
    env,
    server(name) {
      const found = servers[name];
      if (found === undefined) throw noServer(`the stack has no server '${name}'`, servers);
      return { url: found };
    },
    database(name) {
      const found = databases.find((each) => each.name === name);
      if (found) return { url: found.url };
      throw new StacksError('OPTIONS_INVALID', `the stack has no database '${name}'.`, {
        hint: `known are: ${databases.map((each) => each.name).join(', ')}.`,
      });
    },
    checkpoint,
  };
}

/** `STACKS=off`: the developer's own server and database, shared by all workers. */
function withoutStacks({ parallelIndex, project }: WorkerInfo): Stack {
  const url = project.use.baseURL;
  return toStack(
    {
      slot: parallelIndex,
      variant: 'off',
      key: `stk_off_${parallelIndex}`,
      url,
      servers: url === undefined ? {} : { web: url },
      database: process.env.PGDATABASE ?? '',
      databaseUrl: process.env.DATABASE_URL ?? '',
      databases: [],
      env: {},
    },
    async () => {},
  );
}

function noServer(what: string, servers: Readonly<Record<string, string>>): StacksError {
  const known = Object.keys(servers).join(', ');
  return new StacksError('OPTIONS_INVALID', `${what}.`, {
    hint: known ? `known are: ${known}.` : 'give withStacks() a `server`, or the config a `webServer`.',
  });
}
