// What an audit finds, by suites whose tests are functions of what ran before them: each kind of what an application remembers.
import { expect, test } from '@playwright/test';
import { arranged } from './arranged.ts';
import { type Cause, OutOfTime, type Tries } from './cause.ts';
import { examine, REFERENCE } from './examine.ts';
import type { Conditions, Order } from './plan.ts';
import { differenceOf, type SeenRun, type SeenTest } from './seen.ts';

interface Ran {
  /** Those that ran before it in this run. */
  readonly before: readonly string[];
  readonly conditions: Conditions;
  /** The number of the run. */
  readonly run: number;
}

/** A test: whether it passes, or what it changes. */
type Goes = (ran: Ran) => boolean | Readonly<Record<string, number>>;

interface Suite {
  readonly tests: Readonly<Record<string, Goes>>;
  readonly lateAfter?: readonly string[];
  readonly files?: readonly string[];
  readonly mostTries?: number;
}

async function audited({ tests, lateAfter = [], files = [], mostTries = 60 }: Suite) {
  let runs = 0;
  const tried: string[] = [];
  const runOf = (units: readonly string[], order: Order, conditions: Conditions): SeenRun => {
    runs += 1;
    const chosen = arranged(
      Object.keys(tests).filter((each) => units.includes(each)),
      order,
      (each) => each,
    );
    const seen = chosen.map((id, index): [string, SeenTest] => {
      const went = tests[id]?.({ before: chosen.slice(0, index), conditions, run: runs });
      const columns = Object.entries(typeof went === 'object' ? went : {});
      return [
        id,
        {
          ...{
            unit: id,
            file: id.split(' ')[0] ?? '',
            isolation: 'test',
            outcome: went === false ? 'failed' : 'passed',
          },
          rows: { rows: {}, columns: Object.fromEntries(columns.map(([name, value]) => [name, [String(value)]])) },
        },
      ];
    });
    const late = conditions.restart ? [] : lateAfter.filter((id) => chosen.includes(id));
    return { order, conditions, tests: new Map(seen), lateAfter: new Set(late), quiet: late.length > 0 ? 130 : 0 };
  };
  const tries: Tries = {
    run: async (units, order, conditions) => {
      if (tried.length >= mostTries) throw new OutOfTime('over');
      tried.push(`${units.join(', ')} ${JSON.stringify(conditions)}`);
      return runOf(units, order, conditions);
    },
    filesWrittenBy: async () => files,
  };
  const all = Object.keys(tests);
  const orders: readonly Order[] = ['file', 'reversed', { seed: '1' }];
  const found = await examine([runOf(all, 'file', REFERENCE), ...orders.map((order) => runOf(all, order, {}))], tries);
  return { ...found, tried };
}

const fillers = Object.fromEntries(Array.from({ length: 30 }, (_, n): [string, Goes] => [`f${n}`, () => true]));

/** Goes wrong after `a`, unless one of the conditions is met. */
function after(isCured: (conditions: Conditions) => boolean): Goes {
  return ({ before, conditions }) => !before.includes('a') || isCured(conditions);
}

const KINDS: readonly [on: Cause, isCured: (conditions: Conditions) => boolean, more?: Partial<Suite>][] = [
  ['memory', ({ restart }) => restart !== undefined],
  ['ids', ({ restart, sequences }) => restart !== undefined || sequences !== undefined],
  ['time', ({ restart, quiet }) => restart !== undefined || quiet !== undefined, { lateAfter: ['a'] }],
  ['keys', ({ restart }) => restart === 'with spares'],
  ['files', () => false, { files: ['uploads/f'] }],
  ['tests', () => false],
];

for (const [on, isCured, more] of KINDS) {
  test(`a test that goes wrong after another for its ${on} is found with that, among others`, async () => {
    const tests = { a: () => true, ...fillers, b: after(isCured), c: () => true } satisfies Suite['tests'];
    const { findings, unsteady, failing, left, tried } = await audited({ tests, ...more });
    expect(findings).toEqual([
      expect.objectContaining({ test: 'b', dependsOn: ['a'], how: 'after', on, difference: expect.anything() }),
    ]);
    expect({ unsteady, failing, left }).toEqual({ unsteady: [], failing: [], left: [] });
    expect(tried.length).toBeLessThanOrEqual(20);
  });
}

test('late writes get the time that the run has learned, and one that comes later still a route that says so', async () => {
  const late = await audited({
    tests: { a: () => true, b: after(({ restart, quiet }) => restart !== undefined || quiet !== undefined) },
    lateAfter: ['a'],
  });
  expect(late.findings[0]?.cure).toBe("server.idle: { quiet: 130 }; or server.restart: 'test'");
  const buffer = await audited({
    tests: { a: () => true, b: after(({ restart }) => restart !== undefined) },
    lateAfter: ['a'],
  });
  expect(buffer.findings[0]).toMatchObject({ on: 'time', cure: expect.stringContaining('server.idle: { when }') });
});

test('a test that needs another one is told from one that is harmed by it', async () => {
  const needsMemory: Goes = ({ before, conditions }) => before.includes('a') && !conditions.restart;
  const inMemory = await audited({ tests: { a: () => true, ...fillers, b: needsMemory } });
  expect(inMemory.findings).toMatchObject([{ test: 'b', dependsOn: ['a'], how: 'needs', on: 'memory' }]);
  const inItsFile = await audited({ tests: { a: () => true, b: ({ before }) => before.includes('a') } });
  expect(inItsFile.findings).toMatchObject([{ test: 'b', dependsOn: ['a'], how: 'needs', on: 'tests' }]);
});

test('a test that fails in every order, and passes with rows that stay, needs those of another', async () => {
  const rows: Goes = ({ before, conditions }) => conditions.isolation === 'file' && before.includes('f a');
  const { findings, failing } = await audited({ tests: { 'f a': () => true, 'f b': rows, c: () => false } });
  expect(findings).toMatchObject([
    { test: 'f b', dependsOn: ['f a'], how: 'needs', on: 'rows', cure: "isolation: 'file', or test.describe.serial" },
  ]);
  expect(failing).toEqual(['c']);
});

test('other rows are a difference also where the test passes', async () => {
  const tests: Suite['tests'] = {
    a: () => true,
    b: ({ before, conditions }) => ({ 't insert x': before.includes('a') && !conditions.restart ? 2 : 1 }),
  };
  const { findings } = await audited({ tests });
  expect(findings).toMatchObject([{ on: 'memory', difference: { outcome: undefined, columns: ['t insert x'] } }]);
});

test('what is random in each run is no difference, and a test that fails now and then depends on none', async () => {
  const random = await audited({ tests: { a: ({ run }) => ({ 't insert token': run }), b: () => true } });
  expect(random).toMatchObject({ findings: [], unsteady: [], left: [] });
  expect(random.tried).toHaveLength(1);
  const flaky = await audited({ tests: { a: () => true, b: ({ run }) => run % 3 !== 0 } });
  expect(flaky).toMatchObject({ findings: [], unsteady: ['b'], left: [] });
});

test('a suite without differences takes no further run, and one that takes too many is left', async () => {
  expect(await audited({ tests: fillers })).toMatchObject({ findings: [], tried: [], left: [] });
  const tests = {
    a: () => true,
    ...fillers,
    b: after(({ restart }) => restart !== undefined),
  } satisfies Suite['tests'];
  expect(await audited({ tests, mostTries: 4 })).toMatchObject({ findings: [], left: ['b'] });
});

test('how far a test came that failed, and what could not be listed, is not compared', () => {
  const seen = (outcome: SeenTest['outcome'], rows: SeenTest['rows']): SeenTest => ({
    ...{ unit: 'u', file: 'f', isolation: 'test', outcome, rows },
  });
  const [one, two] = [1, 2].map((count) => ({ rows: { 't insert': count }, columns: {} }));
  expect(differenceOf(seen('passed', one), seen('passed', two))).toEqual({
    ...{ outcome: undefined, rows: ['t insert'], columns: [] },
  });
  expect(differenceOf(seen('failed', one), seen('failed', two))).toBeUndefined();
  expect(differenceOf(seen('passed', one), seen('passed', undefined))).toBeUndefined();
  expect(differenceOf(seen('passed', one), undefined)).toBeUndefined();
  expect(differenceOf(seen('passed', one), seen('failed', two))?.outcome).toBe('failed');
});
