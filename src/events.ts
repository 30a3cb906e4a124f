// What happens in a run, as data: every event, and who hears of it. The reporter and the NDJSON file know nothing but
// these. What each means for people: docs/events.md.
import type { StackEvent, StackRef } from './stack-events.ts';
import type { LeftOpen, SuiteEvent, WorkerEvent } from './test-events.ts';
import { shownTexts } from './text/event-texts.ts';

export type {
  EarlierRuns,
  OpenTimes,
  Origin,
  StatementCounts,
  TestFault,
  TestOutcome,
  TestRef,
  WorkerEvent,
  WorkerFailure,
} from './test-events.ts';

/** Commits of two slots that cannot be merged. */
export interface SlotConflict {
  readonly files: readonly string[];
  readonly slots: readonly number[];
  readonly commits: readonly string[];
}

/** What is done before a test can begin: `postgres`, `database.migrate`, `build`, `clone`, `server "web"`. */
interface StepRef {
  readonly step: string;
  /** Whose it is, where it is not the run's. */
  readonly stack?: StackRef;
}

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
  /** Variables that servers inherit, and that name the developer's own server; `value` is what to write in a server's `env`. */
  | {
      readonly type: 'origins-inherited';
      readonly origins: readonly { readonly variable: string; readonly from: string; readonly value: string }[];
    }
  /** Files of the project name the developer's own server, where the slot's is meant: the run ends where it `failed`. */
  | {
      readonly type: 'origins-fixed';
      /** `web/vite.config.ts:7`, and what to write there; `isSure`: it is a proxy, which the server has. */
      readonly origins: readonly {
        readonly where: string;
        readonly what: string;
        readonly todo: string;
        readonly isSure: boolean;
      }[];
      readonly failed: boolean;
    }
  /** `next start`: of several slots in one folder, or of a build that the run has not made. */
  | { readonly type: 'build-shared'; readonly server: string; readonly isShared: boolean; readonly isUnbuilt: boolean }
  /** A server migrates, seeds or builds in every slot, before it `serves`. */
  | {
      readonly type: 'server-steps';
      readonly server: string;
      readonly steps: readonly { readonly step: 'migrate' | 'seed' | 'build'; readonly command: string }[];
      readonly serves: string;
    }
  /** A server's `env` in the options names a database beside the slot's; `path` is the variable's. */
  | { readonly type: 'database-named'; readonly path: string; readonly variable: string; readonly database: string }
  | (StepRef & { readonly type: 'step-began' })
  /** The last lines that it has printed. */
  | (StepRef & { readonly type: 'step-output'; readonly lines: readonly string[] })
  | (StepRef & { readonly type: 'step-ended'; readonly ms: number; readonly failed: boolean })
  | {
      readonly type: 'built';
      readonly ms: number;
      /** Neither its inputs nor its outputs have changed since it was built. */
      readonly reused?: boolean;
      /** The file of its outputs that names the database that it was built on: it is built again in the next run. */
      readonly tainted?: string;
    }
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
      /** Why it was built, as far as is known: `changed: migrations/2.sql`, `first`. */
      readonly why?: string;
      /** The inputs that are others since it was built, in the same form: the next run builds it again. */
      readonly meanwhile?: string;
      readonly migrate: number;
      readonly seed: number;
      readonly ms: number;
    }
  | (StackRef & { readonly worker: number } & WorkerEvent)
  | StackEvent
  | SuiteEvent
  /** The run is over: whether the variant's servers were on their databases cannot be told. */
  | { readonly type: 'not-provable'; readonly variant: string }
  /** Slots have committed changes of the same files: `pairs` of commits, of which `compared` were merged on trial. */
  | {
      readonly type: 'conflicts';
      readonly conflicts: readonly SlotConflict[];
      readonly pairs: number;
      readonly compared: number;
    }
  /** The commits of slots are branches of the user's repository now. */
  | { readonly type: 'published'; readonly branches: readonly string[] }
  | LeftOpen
  /** `sql` asks for what cannot be: no test is given the statements of the application. */
  | { readonly type: 'statements-not-logged'; readonly why: string }
  /** Those of each test are not counted, where the user did not ask for that: said once. */
  | { readonly type: 'statements-not-counted'; readonly why: string }
  /** They were to be, and were not; the run goes on. */
  | { readonly type: 'not-kept'; readonly what: string; readonly why: string }
  /** Why the run knows of no other one that shares the machine with it. */
  | { readonly type: 'machine-unknown'; readonly why: string }
  | { readonly type: 'run-broken'; readonly message: string }
  | { readonly type: 'run-ended'; readonly ms: number }
  /** The report of the run, and the file for ui.perfetto.dev. */
  | { readonly type: 'report-written'; readonly file: string; readonly trace?: string }
  | { readonly type: 'report-failed'; readonly file: string; readonly why: string };

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
    const stamped = { at: Date.now(), run: this.#run, ...shownTexts(event) };
    for (const listener of this.#listeners) listener(stamped);
  }

  /** Returns the function that ends it. */
  on(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
