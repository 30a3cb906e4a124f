// How the tests of a project went in its last runs, for whoever says how much time is left, which tests are slower than
// usual, and which do not always pass.
import type { EarlierRuns } from '../test-events.ts';
import { readRecord, writeRecord } from './project-record.ts';

/** Tests of a project: of more the oldest are forgotten. */
const MOST_TESTS = 20_000;
/** Runs of a test. */
const MOST_RUNS = 8;

/** How a test ended in a run; `flaky`: it passed when it was tried again. */
export interface Ending {
  readonly outcome: 'passed' | 'failed' | 'flaky';
  /** Milliseconds. */
  readonly ms: number;
}

/** By Playwright's `testId`: `p1200fp1310`, oldest first, with the milliseconds of those that passed at once. */
export type History = ReadonlyMap<string, string>;

export async function readHistory(root: string): Promise<History> {
  const record = await readRecord('history', root);
  return new Map(Array.isArray(record) ? record.filter(isEntry) : []);
}

/** Adds those of a run; what it did not run stays as it was. */
export async function keepHistory(root: string, endings: ReadonlyMap<string, Ending>): Promise<void> {
  if (endings.size === 0) return;
  const all = new Map(await readHistory(root));
  for (const [id, ending] of endings) {
    const before = runsOf(all.get(id) ?? '').slice(1 - MOST_RUNS);
    all.delete(id); // the newest stand last
    all.set(id, [...before, noted(ending)].join(''));
  }
  await writeRecord('history', root, () => [...all].slice(-MOST_TESTS));
}

/** Of these tests, those of which something is known. */
export function earlierRuns(history: History, ids: Iterable<string>): Record<string, EarlierRuns> {
  const known = [...ids].flatMap((id): [string, EarlierRuns][] => {
    const runs = runsOf(history.get(id) ?? '');
    return runs.length === 0 ? [] : [[id, summed(runs)]];
  });
  return Object.fromEntries(known);
}

function summed(runs: readonly string[]): EarlierRuns {
  const times = runs.filter((run) => run.startsWith('p')).map((run) => Number(run.slice(1)));
  const count = (letter: string) => runs.filter((run) => run.startsWith(letter)).length;
  const [failed, flaky] = [count('f'), count('k')];
  const changes = runs.filter((run, index) => index > 0 && isFailed(run) !== isFailed(runs[index - 1])).length;
  return { passed: times.length, failed, flaky, changes, ms: median(times) };
}

function isFailed(run = ''): boolean {
  return run.startsWith('f');
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((one, other) => one - other)[values.length >> 1];
}

function runsOf(text: string): string[] {
  return text.match(/p\d+|f|k/g) ?? [];
}

function noted({ outcome, ms }: Ending): string {
  if (outcome === 'passed') return `p${Math.max(0, Math.round(ms))}`;
  return outcome === 'failed' ? 'f' : 'k';
}

function isEntry(entry: unknown): entry is [string, string] {
  return Array.isArray(entry) && typeof entry[0] === 'string' && /^(?:p\d{1,9}|f|k){1,8}$/.test(String(entry[1]));
}
