// What a run asks of its relay, and what that answers: lines of JSON over the relay's standard input and output. Gates and
// forwarders are named by their ports.

import type { GateSession } from './gate.ts';

export type RelayRequest =
  /** Answered with the gate's port. */
  | {
      readonly type: 'gate';
      readonly host: string;
      readonly port: number;
      readonly state: 'held' | 'open';
    }
  | { readonly type: 'open-gate'; readonly gate: number }
  /** Answered with the ports of the sessions that have not ended within `timeout` milliseconds. */
  | { readonly type: 'cut-gate'; readonly gate: number; readonly timeout: number }
  /** Answered with the ports of its connections. */
  | { readonly type: 'sessions'; readonly gate: number }
  | { readonly type: 'close-gate'; readonly gate: number }
  | { readonly type: 'forward'; readonly port: number }
  | { readonly type: 'lead'; readonly port: number; readonly to: number }
  | { readonly type: 'hold'; readonly port: number; readonly timeout: number }
  | { readonly type: 'close-forwarder'; readonly port: number };

export interface RelayAnswer {
  readonly port?: number | undefined;
  readonly left?: readonly number[] | undefined;
  readonly sessions?: readonly GateSession[] | undefined;
}

export type RelayMessage =
  | { readonly id: number; readonly answer: RelayAnswer }
  | { readonly id: number; readonly error: string }
  /** A connection waits at the gate. */
  | { readonly waiting: number };
