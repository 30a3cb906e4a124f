// The same statement again and again for one request, or within a moment: what an ORM does for each row of a list.

/** So often is no accident. */
const LEAST = 5;
/** Milliseconds, where statements do not name their request. */
const MOMENT = 50;

interface Run {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly normalised: string;
  readonly request: string | undefined;
}

/** By normalised statement, how often: the most at once; the most frequent first. */
export function repeated(runs: readonly Run[]): readonly { readonly normalised: string; readonly times: number }[] {
  const most = new Map<string, number>();
  const note = (normalised: string, times: number) => {
    if (times >= LEAST) most.set(normalised, Math.max(times, most.get(normalised) ?? 0));
  };
  for (const same of groupsBy(runs, ({ normalised, request = '' }) => `${request} ${normalised}`)) {
    const [{ normalised, request } = { normalised: '', request: undefined }] = same;
    if (CONTROL.test(normalised)) continue;
    if (request !== undefined) note(normalised, same.length);
    let first = 0;
    for (const [index, { at }] of same.entries()) {
      while (at - (same[first]?.at ?? at) > MOMENT) first += 1;
      note(normalised, index - first + 1);
    }
  }
  return [...most].map(([normalised, times]) => ({ normalised, times })).sort((a, b) => b.times - a.times);
}

/** What frames others. */
const CONTROL = /^(?:BEGIN|COMMIT|ROLLBACK|SAVEPOINT|RELEASE|START|SET|RESET|DISCARD|DEALLOCATE|SHOW)\b/i;

function groupsBy<T>(all: readonly T[], key: (each: T) => string): Iterable<readonly T[]> {
  const groups = new Map<string, T[]>();
  for (const each of all) {
    const group = groups.get(key(each)) ?? [];
    groups.set(key(each), group);
    group.push(each);
  }
  return groups.values();
}
