// What happens to a stack: the part of the events that has a slot.
import type { OpenTimes, TestRef } from './test-events.ts';

export interface StackRef {
  readonly slot: number;
  readonly variant: string;
}

export type StackEvent =
  /** An existing server has not enough free connections for the stack now. */
  | (StackRef & {
      readonly type: 'stack-waits';
      readonly needed: number;
      readonly free: number;
      readonly total: number;
    })
  /** A group of tests is to begin on the stack, and the slots of the machine are in use: by how many groups of which runs. */
  | (StackRef & {
      readonly type: 'machine-waits';
      readonly worker: number;
      /** How many the machine has. */
      readonly slots: number;
      readonly by: readonly { readonly run: string; readonly root: string; readonly slots: number }[];
      /** Another wait for the same runs was told before. */
      readonly again: boolean;
    })
  /** The group has one, and begins: after `ms`. */
  | (StackRef & { readonly type: 'machine-taken'; readonly worker: number; readonly ms: number })
  /** Its clone is to be made and its servers are to start; `stack-opened` follows, or `run-broken`. */
  | (StackRef & { readonly type: 'stack-opening'; readonly again: boolean })
  | (StackRef & {
      readonly type: 'stack-opened';
      readonly database: string;
      readonly url: string | undefined;
      /** The folder of its worktree. */
      readonly worktree?: string | undefined;
      /** True when the slot had a stack before and got a fresh clone. */
      readonly again: boolean;
      readonly servers: readonly {
        readonly name: string;
        readonly pid: number;
        readonly port: number;
        /** Its option: it uses none. */
        readonly database?: 'none' | undefined;
      }[];
      readonly ms: OpenTimes;
    })
  | (StackRef & { readonly type: 'stack-closed' })
  | (StackRef & { readonly type: 'leased'; readonly worker: number; readonly database: string; readonly ms: number })
  | (StackRef & { readonly type: 'released'; readonly worker: number })
  /**
   * The application was seen to write up to `silence` milliseconds after its last statement; rewinds wait until it was quiet
   * for `quiet` of them. Once for each variant.
   */
  | (StackRef & {
      readonly type: 'writes-late';
      readonly servers: readonly string[];
      readonly silence: number;
      readonly quiet: number;
    })
  /** After three tests in a row it was not quiet for `quiet` milliseconds within `most`, and wrote nothing: it is not waited for any more. */
  | (StackRef & {
      readonly type: 'never-quiet';
      readonly servers: readonly string[];
      readonly quiet: number;
      readonly most: number;
    })
  | (StackRef & {
      /** Nobody used the stack for `idleTimeout`. Its next lease starts them again. */
      readonly type: 'servers-stopped';
      readonly servers: readonly string[];
    })
  /** The servers are ready, and neither they nor a step have made anything in the stack's first database. */
  | (StackRef & { readonly type: 'database-untouched' })
  /** A server was seen on a database of its stack for the first time. */
  | (StackRef & { readonly type: 'database-used'; readonly server: string })
  /** A server, or without one the tests, is on a database of its stack, and on others beside it. */
  | (StackRef & { readonly type: 'also-connected'; readonly server?: string; readonly to: readonly string[] })
  /** A server was connected to development servers; `test`, during which it was, fails for it where `failed`. */
  | (StackRef & {
      readonly type: 'development-connected';
      readonly server: string;
      readonly to: readonly string[];
      readonly test: TestRef | undefined;
      readonly failed: boolean;
    })
  | (StackRef & {
      /** It ended by itself, at this moment. */
      readonly type: 'server-exited';
      readonly server: string;
      readonly pid: number;
      /** The test that ran on the stack then, or that had ended last. */
      readonly test: TestRef | undefined;
      readonly when: 'during' | 'after';
      readonly message: string;
    })
  | (StackRef & {
      readonly type: 'server-restarted';
      readonly server: string;
      readonly pid: number;
      readonly ms: number;
      /** With `spares`: which of its generations it is. */
      readonly generation?: number | undefined;
    })
  /** `spares` of these servers cannot be, or not any more: `why`. Once for each reason. */
  | (StackRef & { readonly type: 'no-spares'; readonly servers: readonly string[]; readonly why: string })
  /** STACKS_INSPECT=1: where a debugger finds the server, or why it does not. Once for each server of a stack. */
  | (StackRef & {
      readonly type: 'inspector';
      readonly server: string;
      readonly address?: string;
      readonly why?: string;
    })
  /** What ran beside a server has ended: the files that it left. */
  | (StackRef & { readonly type: 'beside-ended'; readonly server: string; readonly files: readonly string[] })
  /** It could not be started, or has failed. Once for each `beside` of the options. */
  | (StackRef & { readonly type: 'beside-failed'; readonly server: string; readonly why: string })
  /** It can serve one process only, and the run may have that many stacks. Once for each `beside` of the options. */
  | (StackRef & { readonly type: 'beside-left-out'; readonly server: string; readonly stacks: number })
  /** The stack's databases were set aside as `test` left them; `hint` says how they are opened. */
  | (StackRef & {
      readonly type: 'kept';
      readonly test: TestRef;
      readonly name: string;
      readonly hint: string;
      readonly ms: number;
    });
