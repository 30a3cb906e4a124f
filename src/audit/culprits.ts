// Which of the units that ran before a test make it go another way: by halves.

/**
 * @param before in the order in which they ran; some of them alone run in the same order
 * @param differs whether the test goes the other way when only these run before it
 * @param suspects tried first
 * @returns one where one is enough; undefined: the test does not go the other way again
 */
export async function culpritsAmong(
  before: readonly string[],
  differs: (units: readonly string[]) => Promise<boolean>,
  suspects: readonly string[] = [],
): Promise<readonly string[] | undefined> {
  const last = before.at(-1);
  if (last === undefined) return undefined;
  const likely = [...new Set([...suspects.filter((unit) => before.includes(unit)), last])];
  for (const unit of likely) {
    if (await differs([unit])) return [unit];
  }
  if (before.length === 1 || !(await differs(before))) return undefined;
  const first = await greatest(before.length - 1, (from) => differs(before.slice(from)));
  const rest = before.slice(first);
  if (rest.length === 1 || (await differs(rest.slice(0, 1)))) return rest.slice(0, 1);
  // It takes more than one.
  const shorter = await greatest(rest.length - 1, (cut) => differs(rest.slice(0, rest.length - cut)));
  const some = rest.slice(0, rest.length - shorter);
  const ends = [some[0], some.at(-1)].filter((unit) => unit !== undefined);
  return some.length > 2 && (await differs(ends)) ? ends : some;
}

/** The greatest number below `end` that holds, as 0 does, where all below one that holds do. */
async function greatest(end: number, holds: (number: number) => Promise<boolean>): Promise<number> {
  let [known, above] = [0, end];
  while (above - known > 1) {
    const middle = Math.floor((known + above) / 2);
    if (await holds(middle)) known = middle;
    else above = middle;
  }
  return known;
}
