// The lease protocol: lines of JSON over the run's Unix socket. A connection is a lease; when it closes, the stack is
// free. A `Request` gets one `Response`, a `Notification` none; the pool sends a `ServerNotification` unasked.

import type { Socket } from 'node:net';
import type { Sequences } from '../config/options.ts';
import type { WireError } from '../errors.ts';
import type { Origin, TestRef, WorkerEvent } from '../events.ts';
import { sendMessage } from '../json-lines.ts';
import { type Delta, isEmpty } from '../rewind/delta.ts';
import type { Mark } from '../rewind/mark.ts';
import type { Quiet } from '../rewind/quiet.ts';
import type { KnownQuiet } from './learned-quiet.ts';
import type { StackInfo } from './run-file.ts';

/** A moment of all databases of a stack, in the order of the options. */
export type Marks = readonly Mark[];
/** Net changes of all databases, in the same order. */
export type Deltas = readonly Delta[];

export function areEmpty(deltas: Deltas): boolean {
  return deltas.every(isEmpty);
}

export type Request =
  /** First: which stack. Answered when it is open and its servers run. */
  | {
      readonly type: 'lease';
      readonly slot: number;
      readonly variant: string;
      readonly worker: number;
      readonly project: string;
    }
  /** A further group of tests is to begin: answered when the machine has a slot for it. The lease has that for the first. */
  | { readonly type: 'group' }
  /** Answered when the stack is on a fresh clone, its servers started anew. */
  | { readonly type: 'fresh' }
  /** Answered when these servers have ended: `restart` follows, and between them what they did is undone. */
  | { readonly type: 'end'; readonly servers: readonly string[] }
  /** Answered when the servers that had ended are ready again. */
  | {
      readonly type: 'restart';
      /** And meanwhile the copies of files were put back that are to be after each test, or when a group begins. */
      readonly copies?: 'test' | 'group' | undefined;
    }
  /** Answered when the databases were set aside, if they could be, and the servers are ready again. */
  | { readonly type: 'keep'; readonly test: TestRef }
  /**
   * A test has ended: answered when it was looked where the servers are connected, and the test's own code. Asked as long as
   * the servers are not proved, and whenever there are `connections`.
   */
  | {
      readonly type: 'prove';
      readonly connections: readonly WorkerConnection[];
      /** How many sessions of ours the worker has opened on the stack's databases. */
      readonly sessions: number;
    }
  /** A test has failed: answered when all that its servers have printed until now is in their logs, with how they are. */
  | { readonly type: 'servers' }
  /** A test has failed: answered with the last one before it whose rows were rewound, in whatever worker. */
  | { readonly type: 'rewound'; readonly test: TestRef }
  /** A test of a setup project is to begin: answered when no other slot's is running, with what those have added. */
  | { readonly type: 'turn' };

/**
 * Whether tests may have been on the servers of a stack since they were started; `ended`: they were started, and ended on
 * the databases, where what they did is to be undone before they are started again.
 */
export type ServersAre = 'new' | 'used' | 'ended';

/** How a server of a stack is. */
export interface ServerNow {
  readonly name: string;
  readonly pid: number;
  readonly is: 'running' | 'ended';
  /** How often it was started again since the stack was opened. */
  readonly restarts: number;
}

/** What code in a worker, which is not ours, has connected to. */
export interface WorkerConnection {
  readonly address: string;
  readonly port: number;
  /** 0: not known any more. */
  readonly localPort: number;
}

export type Notification =
  | { readonly type: 'event'; readonly event: WorkerEvent }
  /** The group has ended: others get its slot of the machine. */
  | { readonly type: 'group-over' }
  /** From now on leases of this stack start at `marks`, which hold the first `preludes` preludes. */
  | { readonly type: 'base'; readonly marks: Marks; readonly preludes: number }
  /** What a worker fixture has written, for a later worker of the slot that finds its file and writes nothing. */
  | { readonly type: 'fixture'; readonly name: string; readonly delta: Deltas }
  /** The rows of this test, and of those of its group before it, stay until the group ends; none: there are no such rows any more. */
  | { readonly type: 'carried-over'; readonly test: TestRef | undefined }
  /** What was learned of the application's late writes when a rewind had waited for `waited`. */
  | { readonly type: 'quiet'; readonly known: Exclude<KnownQuiet, undefined>; readonly waited: Quiet }
  /** Ends the turn, with what is to be on every stack. */
  | { readonly type: 'turn-over'; readonly prelude?: Deltas | undefined };

export type WorkerMessage = Request | Notification;

/** What a worker needs to rewind its stack's databases. */
export interface Rewindable {
  /** In the order of the options. */
  readonly databases: readonly RewindableDatabase[];
  /** How many preludes the base holds, and those that are to be added to it. */
  readonly applied: number;
  readonly preludes: readonly Deltas[];
}

export interface RewindableDatabase {
  readonly name: string;
  /** The connection string of a role that may rewind it. */
  readonly url: string;
  /** Tells it from another that was made in its place. */
  readonly oid: string;
  /** Where the lease starts. */
  readonly base: Mark;
  /** What becomes of its sequences, unless the project or the file says otherwise. */
  readonly sequences: Sequences;
}

/** A test that made rows, which were rewound when it ended; or, with its group, the tests and hooks up to it. */
export interface RewoundTest {
  readonly test: TestRef;
  readonly rows: number;
  readonly scope: Origin['scope'];
}

export type Response =
  | {
      readonly type: 'ready';
      readonly stack: StackInfo;
      /** The test that ran on it last. */
      readonly last?: TestRef | undefined;
      /** The test of the last `carried-over`: its group was not over when its worker ended. */
      readonly carriedOver?: TestRef | undefined;
      readonly servers: ServersAre;
      readonly rewindable: Rewindable;
      /** Each server was seen on a database of the stack, and there is no development server that they could be connected to. */
      readonly proved: boolean;
      /** What is known of the application's late writes. */
      readonly quiet?: KnownQuiet;
      /** To `keep`: how what was set aside is opened. */
      readonly kept?: string | undefined;
      /** To `prove`: a server was connected to a development server, and the test fails for it. */
      readonly visited?: string | undefined;
      /** To `servers`. */
      readonly now?: readonly ServerNow[] | undefined;
      /** To `rewound`. */
      readonly rewound?: RewoundTest | undefined;
      /** By name, what earlier workers' fixtures wrote for this project. */
      readonly fixtures: Readonly<Record<string, Deltas>>;
    }
  /** This test fails with the error: it is the first to meet it. */
  | { readonly type: 'failed'; readonly error: WireError }
  /** The run is broken, and a test has already failed for it. */
  | { readonly type: 'skip'; readonly reason: string };

/** To a worker, unasked. */
export type ServerNotification =
  /** A server of its stack has ended. */
  | { readonly type: 'server-exited'; readonly message: string }
  /** What another worker has learned of the application's late writes. */
  | { readonly type: 'quiet'; readonly known: KnownQuiet }
  | StepNotification;

/** A step by which its stack opens: `clone`, `server "web"`. */
export interface StepNotification {
  readonly type: 'step';
  readonly step: string;
  readonly state: 'began' | 'ended';
}

export function send(socket: Socket, message: WorkerMessage | Response | ServerNotification): void {
  sendMessage(socket, message);
}
