// What happens in a run, as data. The reporter and the NDJSON file know nothing but these.
import { appendFileSync } from 'node:fs';
import { redactTexts } from './text/redact.ts';

/** Milliseconds that the parts of opening a stack took. `servers` is by server name. */
export interface OpenTimes {
  readonly clone: number;
  readonly prepare: number;
  readonly servers: Readonly<Record<string, number>>;
  readonly total: number;
}

interface StackRef {
  readonly slot: number;
  readonly variant: string;
}

/** What was rewound, by table. */
interface Undone {
  readonly test: string;
  readonly tables: readonly { readonly table: string; readonly deleted: number; readonly inserted: number }[];
}

/** Code that runs in one of Playwright's processes kept a connection, which has ended with its database. */
interface LeftOpen {
  readonly type: 'connection-left-open';
  /** As a sentence begins: "`database.seed`". */
  readonly owner: string;
}

/** What a worker tells of its stack. */
export type WorkerEvent =
  | { readonly type: 'test-began' | 'test-ended'; readonly title: string }
  /** A test's changes were undone. `waited`: for the application's transactions; `ended`: those that had to be. */
  | (Undone & {
      readonly type: 'rewound';
      readonly file: string;
      /** Rows that the test made; 0 also where a worker fixture may have made them. */
      readonly rows: number;
      readonly ms: number;
      readonly waited: number;
      readonly ended: readonly string[];
    })
  /** What came in after the rewind: `ms` after the end of `test`, which most likely caused it. */
  | (Undone & { readonly type: 'late-writes'; readonly ms: number })
  /** The stack was opened anew because `test` did what cannot be undone. */
  | {
      readonly type: 'rewind-impossible';
      readonly test: string;
      readonly reason: string;
      readonly what: string;
      /** Until the next test could begin. */
      readonly ms: number;
      /** Of that, what opening the stack anew took. */
      readonly opened?: OpenTimes;
    }
  | LeftOpen
  /** A server ended by itself, after `test`. */
  | { readonly type: 'server-exited'; readonly test: string; readonly message: string }
  /** A failed test that comes after a rewind: the commonest surprise. */
  | { readonly type: 'hint'; readonly test: string; readonly text: string };

export type StacksEvent =
  | {
      readonly type: 'run-started';
      readonly run: string;
      readonly workers: number;
      readonly folder: string;
      readonly reaper: number;
    }
  /** What dead runs had left; only when there was something. */
  | { readonly type: 'swept'; readonly removed: readonly string[]; readonly failures: readonly string[] }
  /** What the run had not ended itself, at its end: daemons that its commands and servers left running. */
  | { readonly type: 'reaped'; readonly removed: readonly string[] }
  /** Variables of the developer's environment that name the slot's database in what the run starts; never their values. */
  | {
      readonly type: 'variables-taken';
      readonly taken: readonly {
        readonly variables: readonly string[];
        /** `environment`, `.env.local` */
        readonly from: string;
        /** What they name there: `localhost:5432/dev`. */
        readonly database: string;
        /** It is another one than the development database. */
        readonly isOther: boolean;
      }[];
    }
  /** A server's `env` in the options names a database beside the slot's; `path` is the variable's. */
  | { readonly type: 'database-named'; readonly path: string; readonly variable: string; readonly database: string }
  | { readonly type: 'built'; readonly ms: number }
  | {
      readonly type: 'postgres-ready';
      readonly kind: 'embedded' | 'existing';
      readonly version: string;
      readonly port: number;
      /** Where an embedded server's cluster came from: the cache with its templates or without, initdb, or what was kept. */
      readonly cluster: 'cached' | 'base' | 'initdb' | 'kept' | 'none';
      readonly folder: string | undefined;
      readonly ms: number;
    }
  | {
      readonly type: 'template-ready';
      readonly database: string;
      readonly built: boolean;
      /** False without `database.inputs`: the next run builds it again. */
      readonly reusable: boolean;
      readonly migrate: number;
      readonly seed: number;
      readonly ms: number;
    }
  /** An existing server has not enough free connections for the stack now. */
  | (StackRef & {
      readonly type: 'stack-waits';
      readonly needed: number;
      readonly free: number;
      readonly total: number;
    })
  | (StackRef & {
      readonly type: 'stack-opened';
      readonly database: string;
      readonly url: string | undefined;
      /** True when the slot had a stack before and got a fresh clone. */
      readonly again: boolean;
      readonly servers: readonly { readonly name: string; readonly pid: number; readonly port: number }[];
      readonly ms: OpenTimes;
    })
  | (StackRef & { readonly type: 'stack-closed' })
  | (StackRef & { readonly type: 'leased'; readonly worker: number; readonly database: string; readonly ms: number })
  | (StackRef & { readonly type: 'released'; readonly worker: number })
  | (StackRef & { readonly worker: number } & WorkerEvent)
  | (StackRef & {
      /** Nobody used the stack for `idleTimeout`. Its next lease starts them again. */
      readonly type: 'servers-stopped';
      readonly servers: readonly string[];
    })
  /** A server is on a database of its stack, and on others beside it. */
  | (StackRef & { readonly type: 'also-connected'; readonly server: string; readonly to: readonly string[] })
  | (StackRef & {
      readonly type: 'server-restarted';
      readonly server: string;
      readonly pid: number;
      readonly ms: number;
    })
  /** The stack's databases were set aside as `test` left them; `hint` says how they are opened. */
  | (StackRef & {
      readonly type: 'kept';
      readonly test: string;
      readonly name: string;
      readonly hint: string;
      readonly ms: number;
    })
  | LeftOpen
  /** They were to be, and were not; the run goes on. */
  | { readonly type: 'not-kept'; readonly what: string; readonly why: string }
  | { readonly type: 'run-broken'; readonly message: string }
  | { readonly type: 'run-ended'; readonly ms: number };

/** When it happened (milliseconds since 1970), and the key of its run: several runs may write to one file. */
export type StampedEvent = StacksEvent & { readonly at: number; readonly run: string };

export type Listener = (event: StampedEvent) => void;

/** Hands every event, without secrets, to every listener, at once and in order. */
export class Events {
  #listeners = new Set<Listener>();
  /** Runs of one process come one after the other, each with `run-started` first. */
  #run = '';

  emit(event: StacksEvent): void {
    if (event.type === 'run-started') this.#run = event.run;
    const stamped = { at: Date.now(), run: this.#run, ...redactTexts(event) };
    for (const listener of this.#listeners) listener(stamped);
  }

  /** Returns the function that ends it. */
  on(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}

/** A listener that appends each event as a line of JSON to `file`, which only its owner may read. */
export function ndjson(file: string): Listener {
  return (event) => appendFileSync(file, `${JSON.stringify(event)}\n`, { mode: 0o600 });
}
