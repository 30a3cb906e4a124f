// A generated program: blocks of statements on several connections, marks, rewinds, killed clients. As numbers.
import fc from 'fast-check';
import { HARMLESS, IMPOSSIBLE, SEQUENCES, SETTINGS, TRANSACTIONS } from './other-statements.ts';
import { type Make, WRITES } from './writes.ts';

/** One statement. */
export interface Act {
  readonly make: string;
  readonly table: number;
  readonly random: number;
}

export interface Block {
  readonly kind: 'block';
  readonly who: number;
  /** `open` is ended by the next block of the same connection. */
  readonly wrap: (typeof WRAPS)[number];
  readonly level: (typeof LEVELS)[number];
  readonly acts: readonly Act[];
  /** Milliseconds before it, where connections work together. */
  readonly pause: number;
}

export type Step =
  | Block
  /** `across`: what a transaction does that is open at the mark, and commits after it. */
  | { readonly kind: 'mark'; readonly across: Block | null }
  | { readonly kind: 'tidy' }
  /** To the nth mark from the last; `hurry`: while the application is still at work. */
  | { readonly kind: 'rewind'; readonly back: number; readonly hurry: boolean }
  | { readonly kind: 'kill'; readonly who: number; readonly how: 'socket' | 'terminate' };

export interface Program {
  /** `alone`: one statement after the other, by whichever connection. */
  readonly mode: 'alone' | 'together';
  /** True: it may do what cannot be undone. */
  readonly risky: boolean;
  /** As `across`, of the first mark. */
  readonly across: Block | null;
  readonly steps: readonly Step[];
}

export const MAKES: Readonly<Record<string, Make>> = {
  ...WRITES,
  ...SEQUENCES,
  ...HARMLESS,
  ...SETTINGS,
  ...TRANSACTIONS,
  ...IMPOSSIBLE,
};

const WRAPS = ['none', 'commit', 'rollback', 'savepoint', 'open', 'open', 'two-phase'] as const;
const LEVELS = ['', ' ISOLATION LEVEL REPEATABLE READ', ' ISOLATION LEVEL SERIALIZABLE', ' READ ONLY'] as const;

const DIRECTED = [
  ...['import', 'import', 'import', 'alteration', 'alteration', 'alteration'],
  ...['objects', 'user mapping', 'event triggers off'],
];
/** One kind, in several places. */
const manyOf = (make: fc.Arbitrary<string>): fc.Arbitrary<Act[]> =>
  fc
    .record({
      make,
      places: fc.array(fc.record({ table: fc.nat(99), random: fc.nat(99_999) }), { minLength: 3, maxLength: 6 }),
    })
    .map((kind) => kind.places.map((place) => ({ make: kind.make, ...place })));

/** The session whose settings are odd. */
const ODD = 2;

const among = (weight: number, makes: Readonly<Record<string, Make>>): fc.WeightedArbitrary<string> => ({
  weight,
  arbitrary: fc.constantFrom(...Object.keys(makes)),
});

const act = (risky: boolean): fc.Arbitrary<Act> =>
  fc.record({
    make: fc.oneof(
      among(30, WRITES),
      among(4, SEQUENCES),
      among(3, HARMLESS),
      among(2, SETTINGS),
      among(2, TRANSACTIONS),
      among(risky ? 3 : 0, IMPOSSIBLE),
    ),
    table: fc.nat(99),
    random: fc.nat(99_999),
  });

const weighted = <T>(most: T, weight: number, all: readonly T[]): fc.Arbitrary<T> =>
  fc.oneof({ weight, arbitrary: fc.constant(most) }, { weight: 1, arbitrary: fc.constantFrom(...all) });

const block = (risky: boolean): fc.Arbitrary<Block> =>
  fc.record({
    kind: fc.constant('block' as const),
    who: fc.nat(2),
    wrap: weighted('none', 1, WRAPS),
    level: weighted('', 4, LEVELS),
    acts: fc.array(act(risky), { minLength: 1, maxLength: 5 }),
    pause: fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(200) }),
  });

const control = (risky: boolean): fc.Arbitrary<Step> =>
  fc.oneof(
    {
      weight: 5,
      arbitrary: fc.record({ kind: fc.constant('mark' as const), across: fc.option(block(risky), { freq: 5 }) }),
    },
    { weight: 4, arbitrary: fc.record({ kind: fc.constant('rewind' as const), back: fc.nat(1), hurry: fc.boolean() }) },
    {
      weight: 2,
      arbitrary: fc.record({
        kind: fc.constant('kill' as const),
        who: fc.nat(2),
        how: fc.constantFrom('socket', 'terminate'),
      }),
    },
    { weight: 1, arbitrary: fc.constant({ kind: 'tidy' as const }) },
  );

const programOf = (mode: Program['mode'], risky: boolean): fc.Arbitrary<Program> =>
  fc.record({
    mode: fc.constant(mode),
    risky: fc.constant(risky),
    across: fc.option(block(risky), { freq: 3 }),
    steps: fc.array(fc.oneof({ weight: 2, arbitrary: block(risky) }, { weight: 1, arbitrary: control(risky) }), {
      minLength: 1,
      maxLength: 14,
    }),
  });

// What chance seldom puts together: what is noticed by the catalog alone, whether a mark in between forgets it, writes of the
// session that has odd settings, and every row of several tables written back.
const directed: fc.Arbitrary<Program> = fc
  .record({
    acts: fc.oneof(
      { weight: 2, arbitrary: manyOf(fc.constantFrom(...DIRECTED)) },
      { weight: 1, arbitrary: manyOf(fc.constantFrom('insert', 'update', 'large row')) },
      { weight: 2, arbitrary: manyOf(fc.constantFrom('delete all', 'update all', 'move keys', 'truncate')) },
    ),
    marked: fc.boolean(),
  })
  .map(({ acts, marked }) => ({
    mode: 'alone',
    risky: true,
    across: null,
    steps: [
      { kind: 'block', who: acts[0] && acts[0].make in WRITES ? ODD : 0, wrap: 'none', level: '', acts, pause: 0 },
      ...(marked ? [{ kind: 'mark', across: null } as const] : []),
      { kind: 'rewind', back: marked ? 1 : 0, hurry: false },
    ],
  }));

/** What runs beside a twin without capture: one after the other, and nothing but the application. */
export const compared: fc.Arbitrary<Program> = fc.record({
  mode: fc.constant('alone' as const),
  risky: fc.boolean(),
  across: fc.constant(null),
  steps: fc.array(block(true), { minLength: 1, maxLength: 12 }),
});

export const program: fc.Arbitrary<Program> = fc.oneof(
  { weight: 4, arbitrary: programOf('alone', false) },
  { weight: 1, arbitrary: programOf('alone', true) },
  { weight: 4, arbitrary: programOf('together', false) },
  { weight: 1, arbitrary: programOf('together', true) },
  { weight: 8, arbitrary: directed },
);
