// What `npx playwright-stacks audit` asks of one run: its plan, a file that the variable STACKS_AUDIT names. Playwright's
// runner and workers read it; what they note for the command line is in the plan's folder.
import { readFileSync } from 'node:fs';
import { AUDIT_VARIABLE } from '../environment.ts';

/** In which order tests run: `seed` shuffles them, and the same seed does it in the same way. */
export type Order = 'file' | 'reversed' | { readonly seed: string };

/** What of the options is other than configured. */
export interface Conditions {
  /** `server.restart: 'test'`. With spares each process also has a key of its own (STACK_KEY). */
  readonly restart?: 'with spares' | 'without spares';
  readonly sequences?: 'keep';
  /** `server.idle: { quiet }`, in milliseconds. */
  readonly quiet?: number;
  readonly isolation?: 'test' | 'file';
}

export interface AuditPlan {
  /** Of the audit: its command and its runs are named in it (src/cleanup/command-folder.ts). */
  readonly home: string;
  /** Of this run: only its owner may enter it. */
  readonly folder: string;
  /** For the marks that stand for values of rows: those of one audit can be compared, and values are never written. */
  readonly salt: string;
  readonly order: Order;
  /** The ids of the tests to run; undefined: those that the command line names. */
  readonly tests: readonly string[] | undefined;
  readonly conditions: Conditions;
  /** `build` has run, in an earlier run of this audit. */
  readonly isBuilt: boolean;
}

/** Of a plan's folder: what workers note, a line for each test (seen.ts). */
export const NOTED_FILE = 'tests.ndjson';
/** And what the runner notes when it has read the config. */
export const SET_UP_FILE = 'set-up.json';

export interface AuditedSetUp {
  /** The servers that the run starts itself. */
  readonly servers: readonly string[];
  /** Projects that others depend on: their tests are not compared. */
  readonly setups: readonly string[];
}

/** Undefined: this is no run of an audit. */
export function readPlan(): AuditPlan | undefined {
  const path = process.env[AUDIT_VARIABLE];
  return path === undefined ? undefined : JSON.parse(readFileSync(path, 'utf8'));
}

export function isConfigured(conditions: Conditions): boolean {
  return Object.keys(conditions).length === 0;
}

/** `in file order`, `reversed`, `shuffled (seed 7)` */
export function orderTitle(order: Order): string {
  if (order === 'file') return 'in file order';
  return order === 'reversed' ? 'reversed' : `shuffled (seed ${order.seed})`;
}
