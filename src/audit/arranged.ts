// Tests, files or groups in the order that an audit asks for.
import { createHash } from 'node:crypto';
import type { Order } from './plan.ts';

/** @param keyOf what an entry is known by in every run: some of them alone are in the same order as among all */
export function arranged<Each>(entries: readonly Each[], order: Order, keyOf: (entry: Each) => string): Each[] {
  if (order === 'file') return [...entries];
  if (order === 'reversed') return [...entries].reverse();
  const marked = entries.map((entry) => ({ entry, mark: markOf(`${order.seed}\n${keyOf(entry)}`) }));
  return marked.sort((one, other) => (one.mark < other.mark ? -1 : 1)).map(({ entry }) => entry);
}

function markOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
