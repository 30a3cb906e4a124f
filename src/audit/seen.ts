// What was seen of tests in one run of an audit.
import type { MarkedRows } from './marks.ts';
import type { Conditions, Order } from './plan.ts';

/** What a worker notes of a test when it has ended, before its rows are rewound. */
export interface NotedTest {
  readonly id: string;
  /** With its project's name. */
  readonly file: string;
  /** What runs as one with it: a serial group, a file, or itself. */
  readonly unit: string;
  /** As configured. */
  readonly isolation: 'test' | 'file' | 'worker';
  /** Undefined: they cannot be listed (DDL, too many). */
  readonly rows: MarkedRows | undefined;
}

export interface SeenTest extends Omit<NotedTest, 'id'> {
  readonly outcome: 'passed' | 'failed';
  /** Of the error that it failed with: the first line. */
  readonly error?: string | undefined;
}

export interface SeenRun {
  readonly order: Order;
  readonly conditions: Conditions;
  /** Those that ran to their end, by id, in the order in which they ended. */
  readonly tests: ReadonlyMap<string, SeenTest>;
  /** Tests after which the application wrote when they had been rewound. */
  readonly lateAfter: ReadonlySet<string>;
  /** How long rewinds then waited, in milliseconds; 0: it was not said. */
  readonly quiet: number;
}

/** How a test went otherwise than in another run. */
export interface Difference {
  /** `failed` after `passed`, or the reverse. */
  readonly outcome: SeenTest['outcome'] | undefined;
  /** Tables of which it changed more or fewer rows: `public.notes insert`. */
  readonly rows: readonly string[];
  /** Columns that it gave other values: `public.notes insert title`. */
  readonly columns: readonly string[];
}

/**
 * @param random columns whose values are others each time
 * @returns undefined where it went the same way, or cannot be compared
 */
export function differenceOf(
  one: SeenTest | undefined,
  other: SeenTest | undefined,
  random: ReadonlySet<string> = new Set(),
): Difference | undefined {
  if (!one || !other) return undefined;
  if (one.outcome !== other.outcome) return { outcome: other.outcome, rows: [], columns: [] };
  // How far a test came that failed depends on the moment.
  if (one.outcome === 'failed' || !one.rows || !other.rows) return undefined;
  const rows = differing(one.rows.rows, other.rows.rows);
  const columns = differing(one.rows.columns, other.rows.columns).filter(
    (column) => !random.has(column) && !rows.some((kind) => column.startsWith(`${kind} `)),
  );
  return rows.length + columns.length === 0 ? undefined : { outcome: undefined, rows, columns };
}

function differing(one: Readonly<Record<string, unknown>>, other: Readonly<Record<string, unknown>>): string[] {
  const keys = [...new Set([...Object.keys(one), ...Object.keys(other)])];
  return keys.filter((key) => JSON.stringify(one[key]) !== JSON.stringify(other[key])).sort();
}

/** The units that ran before the one of `test`, in their order. */
export function unitsBefore({ tests }: SeenRun, test: string): string[] {
  const own = tests.get(test)?.unit;
  const units = [...new Set([...tests.values()].map(({ unit }) => unit))];
  const at = units.indexOf(own ?? '');
  return at < 0 ? [] : units.slice(0, at);
}
