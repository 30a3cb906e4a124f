// What `audit` prints.
import { expect, test } from '@playwright/test';
import type { Examined, Finding } from '../../audit/examine.ts';
import { auditJson, auditText, runLine, type Tests } from './audit-text.ts';
import type { TriedRun } from './audited-runs.ts';

const tests: Tests = new Map(
  ['ada may write', 'ada is nobody'].map((title, index) => {
    return [`t${index}`, { id: `t${index}`, title, titlePath: [title], file: 'roles.spec.ts', project: '' }];
  }),
);
const finding: Finding = {
  ...{ test: 't1', dependsOn: ['["web","a.spec.ts","group","makes it"]'], how: 'after', on: 'ids', order: 'file' },
  ...{ cure: "database.sequences: 'keep'", isProved: true },
  difference: { outcome: 'failed', rows: [], columns: [] },
};
const clean: Examined = { findings: [], unsteady: [], failing: [], left: [] };

test('a table has a line for each finding: what it does after which others, on what it depends; then the cures', () => {
  const rows: Finding = {
    ...{ ...finding, how: 'needs', on: 'files', isProved: false, files: ['uploads/a', 'uploads/b'] },
    difference: { outcome: undefined, rows: ['public.note insert', 'public.log insert'], columns: [] },
  };
  expect(auditText({ ...clean, findings: [finding, rows] }, tests)).toBe(`
TEST                           WHAT                                                   OTHERS                              ON
roles.spec.ts › ada is nobody  fails after                                            [web] a.spec.ts › group › makes it  ids
roles.spec.ts › ada is nobody  other rows (insert public.note and 1 more) only after  [web] a.spec.ts › group › makes it  files: uploads (2 files)

2 tests depend on others. To do:
  ids: database.sequences: 'keep'
  files: database.sequences: 'keep' (not tried)
`);
});

test('what is no finding is listed, and without any it says so', () => {
  expect(auditText(clean, tests)).toBe('\nNo test depends on another.\n');
  const text = auditText({ ...clean, unsteady: ['t0'], failing: ['t1'] }, tests);
  expect(text).toBe(`
Went another way once, and not again:
  roles.spec.ts › ada may write

Fail in every order:
  roles.spec.ts › ada is nobody

No other test depends on another.
`);
  expect(auditText({ ...clean, left: ['t0'] }, tests)).toMatch(
    /no time to find out why .*:\n {2}roles\.spec\.ts › ada may write\n$/,
  );
});

test('each run has a line, and as JSON a finding has its tests by project, file and titles', () => {
  const seen = { order: { seed: '7' }, conditions: {}, tests: new Map(), lateAfter: new Set<string>(), quiet: 0 };
  const test = { unit: 'u', file: 'f', isolation: 'test', rows: undefined } as const;
  const run: TriedRun = {
    ...{ order: { seed: '7' }, conditions: {}, units: undefined, ms: 41_600 },
    seen: {
      ...seen,
      tests: new Map([
        ['t0', { ...test, outcome: 'passed' }],
        ['t1', { ...test, outcome: 'failed' }],
      ]),
    },
  };
  expect(runLine(run)).toBe('2 tests shuffled (seed 7): 1 passed, 1 failed (42 s)\n');
  const tried = { ...run, units: ['u'], conditions: { restart: 'without spares', quiet: 500 } } as const;
  expect(runLine(tried)).toBe(
    '  2 tests shuffled (seed 7), a new process for each, without spares, idle: { quiet: 500 }: 1 passed, 1 failed (42 s)\n',
  );
  expect(auditJson({ ...clean, findings: [finding] }, { runs: [run, tried], tests, seed: '7' })).toEqual({
    ...{ version: 1, seed: '7', tries: 1, unsteady: [], failing: [], left: [] },
    runs: [{ order: { seed: '7' }, conditions: {}, passed: 1, failed: 1, ms: 41_600 }],
    findings: [
      {
        ...finding,
        test: { project: '', file: 'roles.spec.ts', titlePath: ['ada is nobody'] },
        dependsOn: [{ project: 'web', file: 'a.spec.ts', titlePath: ['group', 'makes it'] }],
      },
    ],
  });
});
