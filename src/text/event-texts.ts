// The texts of an event as everybody may see them: without secrets, and none so long that a run stands still for it.
import { presentable } from './presentable.ts';
import { everyLeaf, redact } from './redact.ts';

/** Characters. Of what is longer, the middle is left out. */
const LONGEST = 65_536;

/** Of data whose names are not the user's. What stands in it often, as the name of a file, is looked at once. */
export function shownTexts<T>(event: T): T {
  const known = new Map<string, string>();
  const shown = (text: string): string => {
    const found = known.get(text) ?? (text.length > LONGEST ? presentable(text, LONGEST) : redact(text));
    known.set(text, found);
    return found;
  };
  return everyLeaf(event, '', (leaf) => (typeof leaf === 'string' ? shown(leaf) : leaf)) as T;
}
