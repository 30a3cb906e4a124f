// What an audit refuses, which no whole run of a project shows: no server, a Playwright whose order stays, tests that all fail.
import { expect, test } from '@playwright/test';
import type { SeenRun, SeenTest } from '../../audit/seen.ts';
import { refuseAllFailing, refuseSameOrder, refuseWithoutServer } from './refusals.ts';

function ran(units: readonly string[], outcome: SeenTest['outcome'] = 'passed', error?: string): SeenRun {
  const seen = units.map((unit): [string, SeenTest] => {
    return [unit, { unit, file: 'a', isolation: 'test', rows: undefined, outcome, error }];
  });
  return { order: 'file', conditions: {}, tests: new Map(seen), lateAfter: new Set(), quiet: 0 };
}

const refusal = (refuse: () => void) => {
  try {
    refuse();
    return undefined;
  } catch (error) {
    return String((error as Error).message);
  }
};

test('a config without a server that a run starts is refused', () => {
  expect(refusal(() => refuseWithoutServer({ servers: [], setups: [] }))).toBe(
    `AUDIT_FAILED: there is no server that a run starts: no application could remember anything.
  hint: name it: \`server: { command: 'npm start', url: '/healthz' }\`, or Playwright's \`webServer\`.`,
  );
  expect(refusal(() => refuseWithoutServer({ servers: ['web'], setups: [] }))).toBeUndefined();
});

test('a version of Playwright that runs tests in file order when it is asked for the reverse is refused', () => {
  expect(refusal(() => refuseSameOrder(ran(['a', 'b']), ran(['a', 'b'])))).toBe(
    `AUDIT_FAILED: this version of Playwright runs its tests in file order only.
  hint: README.md says which versions are supported.`,
  );
  expect(refusal(() => refuseSameOrder(ran(['a', 'b']), ran(['b', 'a'])))).toBeUndefined();
  expect(refusal(() => refuseSameOrder(ran(['a']), ran(['a'])))).toBeUndefined();
});

test('tests of which none passes in any run are refused with their errors', () => {
  const failing = ran(['a', 'b'], 'failed', 'no browser');
  expect(refusal(() => refuseAllFailing([failing, failing]))).toBe(
    `AUDIT_FAILED: no test passes, so that nothing can be compared.
  no browser
  hint: \`npx playwright test --workers=1\` with the same tests says why they fail.`,
  );
  expect(refusal(() => refuseAllFailing([failing, ran(['a'])]))).toBeUndefined();
});
