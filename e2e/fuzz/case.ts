// One case: a schema and a few programs over it, each rewound before the next. What a seed stands for.
import fc from 'fast-check';
import { compare } from './compare.ts';
import type { Model } from './model.ts';
import { play } from './play.ts';
import { compared, type Program, program } from './program.ts';
import { Random } from './random.ts';
import { type SchemaSpec, schemaSpec, schemaSql } from './schema.ts';
import type { Clone, Source, TestBed } from './test-bed.ts';
import { WRITES } from './writes.ts';

export interface Case {
  readonly schema: SchemaSpec;
  readonly compared: Program | null;
  readonly programs: readonly Program[];
}

export const anyCase: fc.Arbitrary<Case> = fc.noBias(
  fc.record({
    schema: schemaSpec,
    compared: fc.option(compared, { freq: 3 }),
    programs: fc.array(program, { minLength: 1, maxLength: 14 }),
  }),
);

/** What a case did, so that nobody takes an idle fuzzer for a good one. */
export interface Tally {
  programs: number;
  spent: number;
  statements: number;
  refused: number;
}

function sourceOf(schema: SchemaSpec, onRefused: (what: string) => void): Source {
  return {
    role: schema.role,
    ddl: schema.ddl,
    statements: (major) => schemaSql(schema, major),
    seed: (model) =>
      schema.kind !== 'generated' ? [] : schema.tables.flatMap(({ rows }, nth) => seedRows(model, nth, rows)),
    onRefused,
  };
}

function seedRows(model: Model, nth: number, rows: number): string[] {
  const insert = WRITES.insert;
  return Array.from({ length: rows }, (_, row) => {
    const table = model.tables[(nth + row) % model.tables.length];
    return table && insert ? insert({ model, table, random: new Random(nth * 100 + row) }).text : '';
  });
}

/** Which program of the case failed, and with what; -1: none was begun. */
export class FailedCase extends Error {
  readonly nth: number;

  constructor(nth: number, cause: unknown) {
    super(cause instanceof Error ? (cause.stack ?? cause.message) : String(cause), { cause });
    this.nth = nth;
  }
}

/** Throws `FailedCase`. `say` is told the whole story. */
export async function runCase(
  { schema, compared: first, programs }: Case,
  testBed: TestBed,
  tally: Tally,
  say: (line: string) => void,
): Promise<void> {
  const { major, port } = testBed.cluster;
  if (schema.kind === 'generated') for (const statement of schemaSql(schema, major)) say(`${statement};`);
  else say(`-- the schema of fixtures/schemas/${schema.kind}.sql`);
  const site = await testBed.make(
    sourceOf(schema, (what) => {
      tally.refused++;
      say(`-- refused: ${what}`);
    }),
  );
  if (schema.kind !== 'generated' && site.model.tables.length < 25) throw new Error(`${schema.kind}.sql was refused`);
  let clone: Clone | undefined;
  const counting = (line: string): void => {
    tally.statements++;
    say(line);
  };
  let nth = -1;
  try {
    for (const one of first ? [first, ...programs] : programs) {
      clone ??= await site.captured();
      tally.programs++;
      nth++;
      say(
        `-- a program: ${one === first ? 'compared with a twin without capture' : one.mode}; as ${site.role}, DDL noticed by ${schema.ddl}`,
      );
      const run = one === first ? compare : play;
      if ((await run(one, site, clone, port, counting)) === 'good') continue;
      tally.spent++;
      await clone.drop();
      clone = undefined;
    }
  } catch (error) {
    throw new FailedCase(nth, error);
  } finally {
    await clone?.drop();
    await site.remove();
  }
}
