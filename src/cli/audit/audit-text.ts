// What `audit` says: a line for each run, a table of what was found, and the same as JSON.
import type { Examined, Finding } from '../../audit/examine.ts';
import { type Conditions, orderTitle } from '../../audit/plan.ts';
import type { Difference } from '../../audit/seen.ts';
import type { TestRef } from '../../events.ts';
import { inShort } from '../app/checkout-files.ts';
import { table } from '../table.ts';
import type { TriedRun } from './audited-runs.ts';

export type Tests = ReadonlyMap<string, Omit<TestRef, 'retry'>>;

/** `61 tests in file order, each on a new process: 61 passed (43 s)` */
export function runLine({ order, conditions, units, seen, ms }: TriedRun): string {
  const all = [...seen.tests.values()];
  const failed = all.filter(({ outcome }) => outcome === 'failed').length;
  const outcomes = [`${all.length - failed} passed`, ...(failed > 0 ? [`${failed} failed`] : [])].join(', ');
  const how = [orderTitle(order), ...conditionTitles(conditions)].join(', ');
  const indent = units ? '  ' : '';
  return `${indent}${all.length} ${all.length === 1 ? 'test' : 'tests'} ${how}: ${outcomes} (${Math.round(ms / 1000)} s)\n`;
}

function conditionTitles({ restart, sequences, quiet, isolation }: Conditions): string[] {
  return [
    ...(restart === undefined
      ? []
      : [`a new process for each${restart === 'without spares' ? ', without spares' : ''}`]),
    ...(sequences === undefined ? [] : [`sequences: '${sequences}'`]),
    ...(quiet === undefined ? [] : [`idle: { quiet: ${quiet} }`]),
    ...(isolation === undefined ? [] : [`isolation: '${isolation}'`]),
  ];
}

export function auditText({ findings, unsteady, failing, left }: Examined, tests: Tests): string {
  const heads = ['TEST', 'WHAT', 'OTHERS', 'ON'];
  const rows = findings.map((finding) => [
    testTitle(tests, finding.test),
    whatOf(finding),
    finding.dependsOn.map(unitTitle).join(' with '),
    finding.on + (finding.files ? `: ${inShort(finding.files)}` : ''),
  ]);
  const todo = [
    ...new Set(findings.map(({ on, cure, isProved }) => `  ${on}: ${cure}${isProved ? '' : ' (not tried)'}\n`)),
  ];
  const list = (title: string, ids: readonly string[]) =>
    ids.length === 0 ? [] : [`\n${title}:\n${ids.map((id) => `  ${testTitle(tests, id)}\n`).join('')}`];
  const count = `${findings.length} ${findings.length === 1 ? 'test depends' : 'tests depend'} on others`;
  return [
    ...(findings.length > 0 ? ['\n', table([heads, ...rows], ''), `\n${count}. To do:\n`, ...todo] : []),
    ...list('Went another way once, and not again', unsteady),
    ...list('Fail in every order', failing),
    ...list('Differ between runs, and there was no time to find out why (name them: `audit FILE`)', left),
    ...(findings.length + left.length === 0
      ? [`\nNo${unsteady.length + failing.length > 0 ? ' other' : ''} test depends on another.\n`]
      : []),
  ].join('');
}

/** As a table says it; the sentence goes on with the other tests. */
function whatOf({ difference, how }: Finding): string {
  const after = how === 'needs' ? 'only after' : 'after';
  return `${shortOf(difference)} ${after}`;
}

function shortOf({ outcome, rows, columns }: Difference): string {
  if (outcome !== undefined) return outcome === 'passed' ? 'passes' : 'fails';
  const [first = ''] = rows.length > 0 ? rows : columns;
  const [name = '', op = '', ...column] = first.split(' ');
  const more = rows.length + columns.length - 1;
  const rest = more > 0 ? ` and ${more} more` : '';
  return rows.length > 0 ? `other rows (${op} ${name}${rest})` : `other values (${name}.${column.join(' ')}${rest})`;
}

export function auditJson(
  examined: Examined,
  { runs, tests, seed }: { readonly runs: readonly TriedRun[]; readonly tests: Tests; readonly seed: string },
): object {
  const named = (ids: readonly string[]) => ids.map((id) => partsOf(tests, id));
  return {
    version: 1,
    seed,
    runs: runs
      .filter(({ units }) => units === undefined)
      .map(({ order, conditions, seen, ms }) => {
        const all = [...seen.tests.values()];
        const passed = all.filter(({ outcome }) => outcome === 'passed').length;
        return { order, conditions, passed, failed: all.length - passed, ms };
      }),
    tries: runs.filter(({ units }) => units !== undefined).length,
    findings: examined.findings.map(({ test, dependsOn, ...finding }) => ({
      ...{ test: partsOf(tests, test), dependsOn: dependsOn.map(unitParts) },
      ...finding,
    })),
    unsteady: named(examined.unsteady),
    failing: named(examined.failing),
    left: named(examined.left),
  };
}

interface Parts {
  readonly project: string;
  readonly file: string;
  readonly titlePath: readonly string[];
}

function partsOf(tests: Tests, id: string): Parts {
  const { project = '', file = '', titlePath = [id] } = tests.get(id) ?? {};
  return { project, file, titlePath };
}

function unitParts(unit: string): Parts {
  const [project = '', file = '', ...titlePath]: string[] = JSON.parse(unit);
  return { project, file, titlePath };
}

function testTitle(tests: Tests, id: string): string {
  return titleOf(partsOf(tests, id));
}

function unitTitle(unit: string): string {
  return titleOf(unitParts(unit));
}

function titleOf({ project, file, titlePath }: Parts): string {
  return `${project === '' ? '' : `[${project}] `}${[file, ...titlePath].join(' › ')}`;
}
