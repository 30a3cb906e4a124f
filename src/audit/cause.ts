// On what a test depends, and what cures it: the tests run again with one option after the other, and the first with which
// the difference is gone is proof of both.
import type { Conditions, Order } from './plan.ts';
import { type Difference, differenceOf, type SeenRun, type SeenTest } from './seen.ts';

/** `keys`: what is kept under STACK_KEY; `tests`: variables of the tests themselves, or what is neither of the application's processes nor in its database. */
export type Cause = 'ids' | 'time' | 'memory' | 'keys' | 'rows' | 'files' | 'tests';

export interface Cure {
  readonly on: Cause;
  /** What to write. */
  readonly cure: string;
  /** With it the difference was gone. */
  readonly isProved: boolean;
  /** That were written meanwhile, where it depends on files. */
  readonly files?: readonly string[];
}

/** Runs tests again. Throws OutOfTime. */
export interface Tries {
  /** The tests of `units`, as units: nothing else. */
  run(units: readonly string[], order: Order, conditions: Conditions): Promise<SeenRun>;
  /** The files of the project that are written when `units` run, in short; '' for none. */
  filesWrittenBy(units: readonly string[], order: Order): Promise<readonly string[]>;
}

/** No more runs: what was found until then is what is known. */
export class OutOfTime extends Error {}

export interface Dependence {
  readonly test: string;
  readonly unit: string;
  readonly isolation: SeenTest['isolation'];
  readonly culprits: readonly string[];
  /** How it goes by itself. */
  readonly alone: SeenTest;
  readonly difference: Difference;
  readonly random: ReadonlySet<string>;
  readonly order: Order;
  readonly conditions: Conditions;
  /** The application was seen to write after a culprit had been rewound; how long rewinds waited then, or 0. */
  readonly late: { readonly quiet: number } | undefined;
}

/** Longer than most late writes take. */
const LONG_QUIET_MS = 1_000;

export async function causeOf(of: Dependence, tries: Tries): Promise<Cure> {
  if (of.conditions.isolation === 'file') return cureOf.rows;
  const goes = async (conditions: Conditions) => {
    const all = { ...of.conditions, ...conditions };
    const run = await tries.run([...of.culprits, of.unit], of.order, all);
    return isGone(of, run.tests.get(of.test), conditions);
  };
  // Where a new process of the application is no help, its memory is none of the reasons.
  const isOfApplication = of.conditions.restart === undefined;
  if (of.isolation !== 'test' && (await goes({ isolation: 'test' }))) return cureOf.isolation;
  if (isOfApplication && !needs(of)) {
    if (of.late && (await goes({ quiet: LONG_QUIET_MS }))) return timeCure(of.late.quiet);
    if (await goes({ sequences: 'keep' })) return cureOf.ids;
    if (!of.late && (await goes({ quiet: LONG_QUIET_MS }))) return timeCure(0);
  }
  if (isOfApplication && (await goes({ restart: 'without spares' }))) {
    if (needs(of)) return cureOf.neededMemory;
    return of.late ? cureOf.later : cureOf.memory;
  }
  const files = await tries.filesWrittenBy(of.culprits, of.order);
  if (files.length > 0) return { ...cureOf.files, files };
  if (isOfApplication && !needs(of) && (await goes({ restart: 'with spares' }))) return cureOf.keys;
  return needs(of) ? cureOf.neededTests : cureOf.tests;
}

/** It passes only after the others. */
export function needs({ alone, difference }: Pick<Dependence, 'alone' | 'difference'>): boolean {
  return alone.outcome === 'failed' && difference.outcome === 'passed';
}

/** Ids are others where sequences are kept: only what had differed counts then. */
function isGone(of: Dependence, seen: SeenTest | undefined, { sequences }: Conditions): boolean {
  const now = differenceOf(of.alone, seen, of.random);
  if (!now) return seen !== undefined;
  if (sequences === undefined || now.outcome !== undefined || now.rows.length > 0) return false;
  return !now.columns.some((column) => of.difference.columns.includes(column));
}

/** @param quiet what the run has learned; 0: nothing */
function timeCure(quiet: number): Cure {
  const idle = quiet > 0 ? `server.idle: { quiet: ${quiet} }` : 'server.idle: { quiet }, longer than it writes late';
  return { on: 'time', cure: `${idle}; or server.restart: 'test'`, isProved: true };
}

const cureOf = {
  ids: { on: 'ids', cure: "database.sequences: 'keep'", isProved: true },
  memory: {
    ...{ on: 'memory', isProved: true },
    cure: "server.reset, a path at which it forgets; or server.restart: 'test'",
  },
  later: {
    ...{ on: 'time', isProved: true },
    cure: "server.idle: { when }, a path that says when it is done; or server.restart: 'test'",
  },
  keys: {
    ...{ on: 'keys', isProved: true },
    cure: "server.reset, a path that deletes what begins with STACK_KEY; or server.restart: 'test' with spares",
  },
  files: { on: 'files', cure: "server.copy: [{ path, reset: 'test' }], or workspace", isProved: false },
  rows: { on: 'rows', cure: "isolation: 'file', or test.describe.serial", isProved: true },
  isolation: { on: 'rows', cure: "isolation: 'test'", isProved: true },
  neededMemory: {
    ...{ on: 'memory', isProved: true },
    cure: 'let the test make what it needs; or test.describe.serial with it',
  },
  neededTests: {
    on: 'tests',
    cure: 'let the test make what it needs; or test.describe.serial with it',
    isProved: false,
  },
  tests: {
    ...{ on: 'tests', isProved: false },
    cure: 'variables of the tests’ own, or what is outside of the application and its database',
  },
} as const satisfies Readonly<Record<string, Cure>>;
