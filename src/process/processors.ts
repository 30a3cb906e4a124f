// How many processors this process may use.
import { availableParallelism } from 'node:os';
import { type ControlGroup, controlGroups } from './control-groups.ts';

/** Of the machine, or of a container that may use less: Node 20 knows no such quota. */
export function processors(root = '/', machine: number = availableParallelism()): number {
  const quotas = controlGroups('cpu', root)
    .map(quotaOf)
    .filter((quota) => quota > 0);
  return Math.max(1, Math.floor(Math.min(machine, ...quotas)));
}

/** Processors whose whole time it may use; NaN, negative: there is no limit. */
function quotaOf({ version, read }: ControlGroup): number {
  const [quota, period] =
    version === 2 ? read('cpu.max').split(' ') : [read('cpu.cfs_quota_us'), read('cpu.cfs_period_us')];
  return Number.parseInt(quota ?? '', 10) / Number.parseInt(period ?? '', 10);
}
