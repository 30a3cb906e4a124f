// Makes a failing case smaller: the failing program alone, then without this step, that statement, this table's column.
// fast-check would begin with the schema and play every program again and again; there is no time for that.
import type { Case } from './case.ts';
import type { Program, Step } from './program.ts';
import type { SchemaSpec } from './schema.ts';

/** @param failing the number of the program that failed, the compared one first */
export async function reduce(
  whole: Case,
  failing: number,
  fails: (smaller: Case) => Promise<boolean>,
  until: number,
): Promise<Case> {
  let best = whole;
  const alone = only(whole, failing);
  if (await fails(alone)) best = alone;
  for (let smaller = true; smaller; ) {
    smaller = false;
    for (const candidate of candidates(best)) {
      if (performance.now() > until) return best;
      if (!(await fails(candidate))) continue;
      best = candidate;
      smaller = true;
      break;
    }
  }
  return best;
}

function only({ schema, compared, programs }: Case, failing: number): Case {
  const first = compared ? [compared] : [];
  const program = [...first, ...programs][failing];
  if (!program) return { schema, compared, programs };
  return program === compared ? { schema, compared, programs: [] } : { schema, compared: null, programs: [program] };
}

function* candidates(from: Case): Generator<Case> {
  const { schema, compared, programs } = from;
  if (compared) for (const program of programsBelow(compared)) yield { ...from, compared: program };
  for (const [nth, one] of programs.entries()) {
    if (programs.length > 1) yield { ...from, programs: programs.toSpliced(nth, 1) };
    for (const program of programsBelow(one)) yield { ...from, programs: programs.with(nth, program) };
  }
  if (schema.kind === 'generated')
    for (const tables of schemasBelow(schema)) yield { ...from, schema: { ...schema, tables } };
}

function* programsBelow(program: Program): Generator<Program> {
  for (const steps of shorter(program.steps)) if (steps.length > 0) yield { ...program, steps };
  for (const [nth, step] of program.steps.entries()) {
    for (const below of stepsBelow(step)) yield { ...program, steps: program.steps.with(nth, below) };
  }
  if (program.across) yield { ...program, across: null };
  if (program.mode === 'together') yield { ...program, mode: 'alone' };
}

function* stepsBelow(step: Step): Generator<Step> {
  if (step.kind === 'mark' && step.across) yield { ...step, across: null };
  if (step.kind !== 'block') return;
  for (const acts of shorter(step.acts)) if (acts.length > 0) yield { ...step, acts };
  if (step.wrap !== 'none') yield { ...step, wrap: 'none' };
  if (step.pause > 0) yield { ...step, pause: 0 };
}

function* schemasBelow({ tables }: SchemaSpec): Generator<SchemaSpec['tables']> {
  for (const less of shorter(tables)) if (less.length > 0) yield less;
  for (const [nth, table] of tables.entries()) {
    for (const dependents of shorter(table.dependents)) yield tables.with(nth, { ...table, dependents });
    for (const columns of shorter(table.columns)) yield tables.with(nth, { ...table, columns });
    if (table.rows > 0) yield tables.with(nth, { ...table, rows: 0 });
  }
}

/** The list without its halves, its quarters, …, its single items. */
function* shorter<T>(list: readonly T[]): Generator<T[]> {
  for (let size = Math.ceil(list.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < list.length; at += size) yield list.toSpliced(at, size);
  }
}
