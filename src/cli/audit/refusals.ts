// What an audit cannot compare, and says so.
import type { AuditedSetUp } from '../../audit/plan.ts';
import type { SeenRun } from '../../audit/seen.ts';
import { StacksError } from '../../errors.ts';

export function notWrapped(): StacksError {
  return new StacksError('AUDIT_FAILED', 'the config of these tests does not use withStacks().', {
    hint: 'wrap it: `export default withStacks(defineConfig({ … }), { … })`, and do not set STACKS=off. Another config: `audit -c FILE`.',
  });
}

export function refuseWithoutServer({ servers }: AuditedSetUp): void {
  if (servers.length > 0) return;
  throw new StacksError(
    'AUDIT_FAILED',
    'there is no server that a run starts: no application could remember anything.',
    {
      hint: "name it: `server: { command: 'npm start', url: '/healthz' }`, or Playwright's `webServer`.",
    },
  );
}

export function noTests(args: readonly string[]): StacksError {
  const asked = args.length === 0 ? '' : ` for ${args.join(' ')}`;
  return new StacksError('AUDIT_FAILED', `no tests were found${asked}.`, {
    hint: '`npx playwright test --list` with the same arguments says which there are.',
  });
}

export function broken(what: string, output: string): StacksError {
  return new StacksError('AUDIT_FAILED', what, {
    output: output.trimEnd().split('\n').slice(-40),
    hint: '`npx playwright test --workers=1` with the same tests is to run to its end first.',
  });
}

export function refuseAllFailing(runs: readonly SeenRun[]): void {
  const all = runs.flatMap(({ tests }) => [...tests.values()]);
  if (all.some(({ outcome }) => outcome === 'passed')) return;
  const errors = new Set(all.flatMap(({ error }) => error ?? []));
  throw new StacksError('AUDIT_FAILED', 'no test passes, so that nothing can be compared.', {
    items: [...errors].slice(0, 5),
    hint: '`npx playwright test --workers=1` with the same tests says why they fail.',
  });
}

/** Playwright's way to hold its tests may be another in a version to come. */
export function refuseSameOrder(inFileOrder: SeenRun, reversed: SeenRun): void {
  const units = ({ tests }: SeenRun) => [...new Set([...tests.values()].map(({ unit }) => unit))];
  const [first, second] = [units(inFileOrder), units(reversed)];
  if (first.length < 2 || JSON.stringify(first) !== JSON.stringify(second)) return;
  throw new StacksError('AUDIT_FAILED', 'this version of Playwright runs its tests in file order only.', {
    hint: 'README.md says which versions are supported.',
  });
}
