// A generated schema: a few tables, each of a key, a shape, columns, and what hangs on it. As numbers, which fast-check
// makes smaller; rendered as the statements that make it.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { dependents, FOREIGN_KEYS } from './dependents.ts';
import { KEYS, SHAPES, tableSql } from './tables.ts';
import { MANY_FORMS, TYPES } from './types.ts';

export interface TableSpec {
  readonly key: (typeof KEYS)[number];
  readonly shape: (typeof SHAPES)[number];
  readonly hostileSchema: boolean;
  readonly name: number;
  /** Indexes into the types. */
  readonly columns: readonly { readonly type: number; readonly how: number }[];
  /** Indexes into what can hang on a table. */
  readonly dependents: readonly { readonly what: number; readonly on: number }[];
  readonly rows: number;
}

export interface SchemaSpec {
  /** The larger ones are written by hand, in fixtures/schemas. */
  readonly kind: 'generated' | 'shop' | 'tracker';
  readonly tables: readonly TableSpec[];
  /** Who the application connects as. */
  readonly role: 'fuzz_app' | 'postgres';
  /** How DDL is noticed. */
  readonly ddl: 'event triggers' | 'digest';
}

const columnType: fc.Arbitrary<number> = fc.oneof(
  { weight: 3, arbitrary: fc.nat(TYPES.length - 1) },
  { weight: 1, arbitrary: fc.constantFrom(...MANY_FORMS) },
);

const dependent: fc.Arbitrary<number> = fc.oneof(
  { weight: 4, arbitrary: fc.nat(999) },
  { weight: 1, arbitrary: fc.constantFrom(...FOREIGN_KEYS) },
);

const table: fc.Arbitrary<TableSpec> = fc.record({
  key: fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom(...KEYS) },
    { weight: 1, arbitrary: fc.constant('identity always' as const) },
  ),
  shape: fc.oneof({ weight: 3, arbitrary: fc.constant('plain' as const) }, fc.constantFrom(...SHAPES)),
  hostileSchema: fc.oneof({ weight: 3, arbitrary: fc.constant(false) }, fc.constant(true)),
  name: fc.nat(15),
  columns: fc.array(fc.record({ type: columnType, how: fc.nat(19) }), { maxLength: 7 }),
  dependents: fc.array(fc.record({ what: dependent, on: fc.nat(4) }), { maxLength: 4 }),
  rows: fc.nat(12),
});

export const schemaSpec: fc.Arbitrary<SchemaSpec> = fc.record({
  kind: fc.oneof(
    { weight: 8, arbitrary: fc.constant('generated' as const) },
    { weight: 1, arbitrary: fc.constant('shop' as const) },
    { weight: 1, arbitrary: fc.constant('tracker' as const) },
  ),
  tables: fc.array(table, { minLength: 2, maxLength: 5 }),
  role: fc.constantFrom('postgres', 'fuzz_app'),
  ddl: fc.oneof(
    { weight: 4, arbitrary: fc.constant('event triggers' as const) },
    { weight: 1, arbitrary: fc.constant('digest' as const) },
  ),
});

/** Statement by statement; one that this version or a neighbour does not allow is left out by who runs them. */
export function schemaSql({ kind, tables }: SchemaSpec, major: number): string[] {
  if (kind !== 'generated') return [readFileSync(`fixtures/schemas/${kind}.sql`, 'utf8'), ...COMMON];
  const made = tables.flatMap((spec, nth) => tableSql(spec, nth, major));
  return [...COMMON, ...made, ...tables.flatMap((spec, nth) => dependents(spec, nth, tables, major))];
}

const COMMON = [
  'CREATE TABLE audit (n serial PRIMARY KEY, op text, what text)',
  'CREATE SEQUENCE lone START 5',
  'CREATE SEQUENCE down INCREMENT -3',
  'CREATE SEQUENCE cached CACHE 20',
];
