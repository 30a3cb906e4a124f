// The order that an audit gives to files and tests, and what it leaves together.
import { expect, test } from '@playwright/test';
import type { AuditPlan } from '../audit/plan.ts';
import { fileArranger, rootArranger, type Unit } from './audited-suites.ts';
import { isSuite, type PrivateCase, type PrivateSuite } from './private-suites.ts';

/** `['group', 'serial', 'a', 'b']`; a test `a file` has that isolation. */
interface Branch extends ReadonlyArray<string | Branch> {}

const BELOW: Readonly<Record<string, string>> = { root: 'project', project: 'file', file: 'describe' };

/** A suite of Playwright's, as far as it is used. */
function suiteOf([title, ...all]: Branch, type = 'describe', isBound = true): PrivateSuite {
  const isSerial = all[0] === 'serial';
  const suite: PrivateSuite = {
    ...{ title: String(title), _type: type, _entries: [] },
    ...(isSerial && { _parallelMode: 'serial' }),
  };
  suite._entries = all.slice(isSerial ? 1 : 0).map((each): PrivateSuite | PrivateCase => {
    if (typeof each !== 'string') return suiteOf(each, BELOW[type], isBound);
    const [name = '', isolation] = each.split(' ');
    const annotations = isolation === undefined ? [] : [{ type: 'isolation', description: isolation }];
    return { id: isBound ? name : '', title: name, parent: suite, annotations, _projectId: '' };
  });
  return suite;
}

function ids(suite: PrivateSuite): string[] {
  return suite._entries.flatMap((entry) => (isSuite(entry) ? ids(entry) : [entry.id]));
}

const plan = (order: AuditPlan['order'], tests?: readonly string[]): AuditPlan => ({
  ...{ home: '', folder: '', salt: '', order, tests, conditions: {}, isBuilt: false },
});
const projects = new Map([
  ['', { level: 'test', isSetup: false } as const],
  ['login', { level: 'test', isSetup: true } as const],
  ['together', { level: 'file', isSetup: false } as const],
]);

test('a worker reverses the tests of a file with their describes, and a serial group is one', () => {
  const units = new Map<string, Unit>();
  const arrange = fileArranger(plan('reversed'), projects, units);
  const file = suiteOf(
    ['a.spec.ts', 'one', ['group', 'two', 'three'], ['steps', 'serial', 'four', ['in', 'five']], 'six'],
    'file',
  );
  arrange(file);
  expect(ids(file)).toEqual(['six', 'four', 'five', 'three', 'two', 'one']);
  expect(units.get('two')).toEqual({ unit: '["","a.spec.ts","group","two"]', file: '["","a.spec.ts"]' });
  expect([units.get('four')?.unit, units.get('five')?.unit]).toEqual(Array(2).fill('["","a.spec.ts","steps"]'));
});

test('a file is one where some of its tests see rows of others, and stays as it was loaded', () => {
  const units = new Map<string, Unit>();
  const arrange = fileArranger(plan('reversed'), projects, units);
  const file = suiteOf(['a.spec.ts', 'one', 'two file', 'three'], 'file');
  arrange(file);
  expect(ids(file)).toEqual(['one', 'two', 'three']);
  expect(new Set([...units.values()].map(({ unit }) => unit))).toEqual(new Set(['["","a.spec.ts"]']));
  const used = suiteOf(['b.spec.ts', 'one', 'two'], 'file');
  Object.assign(used, { _use: [{ fixtures: { isolation: 'file' } }] });
  arrange(used);
  expect(ids(used)).toEqual(['one', 'two']);
  const loaded = suiteOf(['a.spec.ts', 'one', 'two'], 'file', false);
  arrange(loaded);
  expect(loaded._entries.map(({ title }) => title)).toEqual(['one', 'two']);
});

test('the runner reverses files once, however often it is asked, not those of set-up projects', () => {
  const root = suiteOf(
    [
      '',
      ['login', ['s1', 'first'], ['s2', 'second']],
      ['', ['a', 'one', 'two'], ['b', 'three']],
      ['together', ['c', 'four', 'five']],
    ],
    'root',
  );
  const arrange = rootArranger(plan('reversed'), projects);
  arrange(root);
  arrange(root);
  expect(ids(root)).toEqual(['first', 'second', 'three', 'two', 'one', 'four', 'five']);
});

test('a few tests are in the same shuffled order as among all, and nothing else runs but what is set up', () => {
  const titles = Array.from({ length: 12 }, (_, n) => `t${n}`);
  const rootWith = (): PrivateSuite => suiteOf(['', ['login', ['s', 'setup']], ['', ['a', ...titles]]], 'root');
  const arrangedWith = (chosen?: readonly string[], seed = '7') => {
    const root = rootWith();
    rootArranger(plan({ seed }, chosen), projects)(root);
    return ids(root);
  };
  const all = arrangedWith();
  expect(all).not.toEqual(['setup', ...titles]);
  expect(arrangedWith(undefined, '8')).not.toEqual(all);
  const few = ['t3', 't8', 't11', 't0'];
  expect(arrangedWith(few)).toEqual(all.filter((id) => id === 'setup' || few.includes(id)));
});
