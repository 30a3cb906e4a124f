// All that a worker process remembers of itself, in one object.
import type { TestInfo } from '@playwright/test';
import type { Locks } from '../../locks/locks.ts';
import type { BetweenTests } from '../../worker/between-tests.ts';
import type { ObservedTest } from '../../worker/observed-test.ts';
import type { Session } from '../../worker/session.ts';
import type { WatchedTests } from '../private.ts';
import type { Audit } from './audited-test.ts';

/** The stack that this worker has leased. */
export interface LeasedStack {
  readonly session: Session;
  readonly between: BetweenTests;
  /** A test or hook begins. */
  readonly observe: () => ObservedTest;
}

/** The outcome of asking for the stack: it is there, or tests are to be skipped. */
export type Entry = LeasedStack | { readonly skip: string };

interface WorkerState {
  /** What Playwright has this worker run; undefined outside of a worker of a run. */
  watched: WatchedTests | undefined;
  /** Asked for once. */
  entry: Promise<Entry> | undefined;
  stack: LeasedStack | undefined;
  /** The group of tests that the worker runs has a slot of the machine. */
  hasSlot: boolean;
  /** The test or hook that runs, or that ran last. */
  observed: ObservedTest | undefined;
  /** The ids of the tests that our fixture was set up around. */
  readonly entered: Set<string>;
  /** One of our two fixtures is set up: the other has nothing to do. */
  isInside: boolean;
  /** Tests whose databases were set aside. */
  readonly kept: WeakSet<TestInfo>;
  /** Tests that have failed, and have been given what explains it. */
  readonly explained: WeakSet<TestInfo>;
  /** Made by the first lock. */
  locks: Locks | undefined;
  /** Undefined: it is no run of an audit. */
  audit: Audit | undefined;
}

export const worker: WorkerState = {
  watched: undefined,
  entry: undefined,
  stack: undefined,
  hasSlot: false,
  observed: undefined,
  entered: new Set(),
  isInside: false,
  kept: new WeakSet(),
  explained: new WeakSet(),
  locks: undefined,
  audit: undefined,
};
