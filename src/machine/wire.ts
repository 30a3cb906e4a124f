// What a run and the run that counts the slots of the machine say to each other.
import type { RunInfo, RunSlots } from './slot-table.ts';

/** Part of the socket's name: versions of this package that do not understand each other do not meet. */
export const WIRE_VERSION = 1;

export type SlotCommand =
  /** First, with what it has, and what it waits for in the order in which it asked. */
  | {
      readonly type: 'join';
      readonly info: RunInfo;
      readonly held: readonly number[];
      readonly waiting: readonly number[];
    }
  /** It has taken this slot without asking. */
  | { readonly type: 'hold'; readonly id: number }
  /** Answered with `granted`, or with `waits` and then `granted`. */
  | { readonly type: 'ask'; readonly id: number }
  | { readonly type: 'give-back'; readonly id: number }
  /** Answered with `pong`. */
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  /** Instead of `join`; answered with `runs`. */
  | { readonly type: 'look' };

export type SlotReply =
  /** First, unasked: the service has taken the connection. */
  | { readonly type: 'hello' }
  | { readonly type: 'granted'; readonly id: number }
  | { readonly type: 'waits'; readonly id: number; readonly runs: readonly RunSlots[] }
  /** How many runs share the machine now, whenever that changes. */
  | { readonly type: 'live'; readonly runs: number }
  | { readonly type: 'ping' }
  | { readonly type: 'pong' }
  | { readonly type: 'runs'; readonly runs: readonly RunSlots[] };
