// The suites of an audit's run in the order that its plan asks for. The runner orders files, and tests that run fully
// parallel; a worker orders the tests of a file. What belongs together stays so: a serial group; and a file, where the
// database is not rewound after each of its tests.
import { arranged } from '../audit/arranged.ts';
import type { AuditPlan } from '../audit/plan.ts';
import type { Isolation } from '../config/options.ts';
import { isSuite, type PrivateCase, type PrivateSuite } from './private-suites.ts';

export interface AuditedProject {
  readonly level: Isolation;
  /** Others depend on it: all its tests run, in their order. */
  readonly isSetup: boolean;
}

type Projects = ReadonlyMap<string, AuditedProject>;

/** What runs as one with a test. */
export interface Unit {
  readonly unit: string;
  readonly file: string;
}

/** Changes the run's root: what it has is asked for again and again, and ordered once. */
export function rootArranger({ order, tests }: AuditPlan, projects: Projects): (root: PrivateSuite) => void {
  const arrangedOnes = new WeakSet<PrivateSuite>();
  const chosen = tests && new Set(tests);
  return (root) => {
    if (root._type !== 'root') return;
    for (const project of root._entries.filter(isSuite)) {
      const { isSetup = false, level = 'test' } = projects.get(project.title) ?? {};
      if (isSetup || arrangedOnes.has(project)) continue;
      arrangedOnes.add(project);
      if (chosen) keepOnly(project, chosen);
      project._entries = arranged(project._entries, order, ({ title }) => title);
      for (const file of project._entries.filter(isSuite)) arrangeFile(file, order, { name: project.title, level });
    }
  };
}

/** Changes the file of a worker's group. `units`, by the id of the test, has what runs as one. */
export function fileArranger({ order }: AuditPlan, projects: Projects, units: Map<string, Unit>) {
  return (file: PrivateSuite): void => {
    const [first] = testsOf(file);
    // What was loaded is asked for its tests, too, before it is copied for the project.
    if (file._type !== 'file' || !first?.id) return;
    const name = first._projectId ?? '';
    const { isSetup = false, level = 'test' } = projects.get(name) ?? {};
    if (isSetup) return;
    for (const [id, unit] of arrangeFile(file, order, { name, level })) units.set(id, unit);
  };
}

function arrangeFile(
  file: PrivateSuite,
  order: AuditPlan['order'],
  project: { readonly name: string; readonly level: Isolation },
): [string, Unit][] {
  const place = [project.name, file.title];
  const ofFile = JSON.stringify(place);
  const visit = (suite: PrivateSuite, path: readonly string[]): [string, Unit][] => {
    const isUnit =
      suite._parallelMode === 'serial' ||
      (suite === file && testsOf(file).some((test) => isolationOf(test, project.level) !== 'test'));
    if (isUnit) return testsOf(suite).map(({ id }) => [id, { unit: JSON.stringify(path), file: ofFile }]);
    suite._entries = arranged(suite._entries, order, ({ title }) => JSON.stringify([...path, title]));
    return suite._entries.flatMap((entry): [string, Unit][] => {
      const own = [...path, entry.title];
      return isSuite(entry) ? visit(entry, own) : [[entry.id, { unit: JSON.stringify(own), file: ofFile }]];
    });
  };
  return visit(file, place);
}

/** As src/playwright/worker/isolation.ts decides it. */
function isolationOf({ annotations = [], parent }: PrivateCase, level: Isolation): unknown {
  const annotated = annotations.findLast(({ type }) => type === 'isolation')?.description;
  return annotated ?? usedIn(parent) ?? level;
}

function usedIn(suite: PrivateSuite | undefined): unknown {
  if (!suite) return undefined;
  return suite._use?.findLast(({ fixtures }) => fixtures?.isolation)?.fixtures?.isolation ?? usedIn(suite.parent);
}

function keepOnly(suite: PrivateSuite, ids: ReadonlySet<string>): void {
  suite._entries = suite._entries.filter((entry) => {
    if (!isSuite(entry)) return ids.has(entry.id);
    keepOnly(entry, ids);
    return entry._entries.length > 0;
  });
}

function testsOf(suite: PrivateSuite): PrivateCase[] {
  return suite._entries.flatMap((entry) => (isSuite(entry) ? testsOf(entry) : [entry]));
}
