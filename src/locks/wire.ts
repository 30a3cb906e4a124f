// What a worker and the lock service say to each other.
import type { LockMode, LockParty, OwnerInfo, WaitsFor } from './lock-table.ts';

/** Part of the socket's name: versions of this package that do not understand each other do not meet. */
export const WIRE_VERSION = 1;

export type LockCommand =
  /** Answered once, with the same `id`. */
  | {
      readonly type: 'ask';
      readonly id: number;
      readonly owner: string;
      readonly info: OwnerInfo;
      readonly name: string;
      readonly mode: LockMode;
      /** Milliseconds to wait. */
      readonly timeout: number;
    }
  | { readonly type: 'release'; readonly owner: string; readonly name: string }
  /** All that the owner holds and waits for. */
  | { readonly type: 'release-all'; readonly owner: string };

export type LockReply =
  /** First, unasked: the service has taken the connection. */
  | { readonly type: 'hello' }
  | { readonly type: 'granted'; readonly id: number }
  /** It was not free in time; `blocking` have it or came before. */
  | { readonly type: 'timed-out'; readonly id: number; readonly blocking: readonly LockParty[] }
  | { readonly type: 'deadlock'; readonly id: number; readonly circle: readonly WaitsFor[] };
