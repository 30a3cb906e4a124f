// One statement of the application's, and what it means for a rewind.
import type { Reason } from '../../src/rewind/impossible.ts';
import type { Column, Model, Table } from './model.ts';
import { literal } from './names.ts';
import type { Random } from './random.ts';
import { valuesOf } from './types.ts';

export interface Statement {
  readonly text: string;
  /** What COPY reads from the client. */
  readonly data?: string | undefined;
  /** Why a rewind may be impossible once this is committed, or is for certain. */
  readonly reason?: Reason;
  readonly certain?: 'when committed' | 'perhaps';
  /** Event triggers do not see it: only who looks at the catalog does. */
  readonly hidden?: boolean;
}

/** Where a step's numbers become a statement. */
export interface WriteContext {
  readonly model: Model;
  readonly table: Table;
  readonly random: Random;
}

/** An expression for a new value of the column. */
export function valueSql(column: Column, { table, random }: WriteContext): string {
  if (random.once(9)) return 'NULL';
  if (random.once(12)) return 'DEFAULT';
  if (column.refers && !random.once(12)) {
    const { table: other, column: theirs } = column.refers;
    return `(SELECT x.${theirs} FROM ${other} x ORDER BY x.${theirs}::text COLLATE "C" LIMIT 1 OFFSET ${random.below(6)})`;
  }
  if (column.labels.length > 0) return literal(random.pick(column.labels));
  if (column.base === 'integer' && !random.once(10)) return `${random.pick(SMALL)}`;
  const pool = [...valuesOf(column.type), ...valuesOf(column.base)];
  if (pool.length > 0) return literal(random.pick(pool));
  return `(SELECT x.${column.name} FROM ${table.name} x ORDER BY x.${column.name}::text COLLATE "C" LIMIT 1 OFFSET ${random.below(4)})`;
}

const SMALL = [0, 1, 2, 3, 4, 5, 6, 7, 8, 13, 50, 101, 901];

/** A condition that takes some of the rows; the same ones wherever the rows lie. */
export function someRows({ table, random }: WriteContext): string {
  const column = integerColumn(table, random);
  switch (random.below(column ? 7 : 2)) {
    case 0:
      return 'true';
    case 1: {
      const named = table.columns[random.below(table.columns.length)];
      return named ? `${named.name} IS ${random.once(2) ? 'NOT ' : ''}NULL` : 'true';
    }
    case 2:
      return `${column} % 3 = ${random.below(3)}`;
    case 3:
      return `${column} < ${random.below(8)}`;
    default:
      return `${column} = ${random.below(9)}`;
  }
}

export function integerColumn(table: Table, random: Random): string | undefined {
  const integers = table.columns.filter(({ type }) => type === 'integer' || type === 'bigint');
  const id = integers.find(({ name }) => name === 'id');
  if (id && !random.once(3)) return id.name;
  return integers.length === 0 ? undefined : random.pick(integers).name;
}

/** Columns that a statement may name, in their order. */
export function writable(table: Table): readonly Column[] {
  return table.columns.filter(({ generated }) => !generated);
}
