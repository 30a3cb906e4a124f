// The memory that a container may have, and what is left of it. Linux only.
import { type ControlGroup, controlGroups } from './control-groups.ts';

/** Of their files: version 1, version 2. In the one of `cached` are files in memory that the system drops when it needs room. */
const NAMES = {
  1: { most: 'memory.limit_in_bytes', used: 'memory.usage_in_bytes', cached: 'total_inactive_file' },
  2: { most: 'memory.max', used: 'memory.current', cached: 'inactive_file' },
} as const;

/** In bytes; infinite: there is no limit. */
export function memoryLimit(root = '/'): number {
  return least(controlGroups('memory', root).map(mostOf));
}

/** In bytes; infinite: there is no limit. */
export function leftOfLimit(root = '/'): number {
  return least(controlGroups('memory', root).map((group) => Math.max(0, mostOf(group) - usedOf(group))));
}

/** NaN: it has none. */
function mostOf({ version, read }: ControlGroup): number {
  return Number.parseInt(read(NAMES[version].most), 10); // 'max'
}

function usedOf({ version, read }: ControlGroup): number {
  const { used, cached } = NAMES[version];
  const droppable = new RegExp(`^${cached} (\\d+)$`, 'm').exec(read('memory.stat'))?.[1] ?? 0;
  return Number.parseInt(read(used), 10) - Number(droppable);
}

function least(limits: readonly number[]): number {
  return Math.min(Number.POSITIVE_INFINITY, ...limits.filter((limit) => !Number.isNaN(limit)));
}
