// What is left of the memory that a container may have: the limits of the cgroups that this process is in, and of those above
// them. Linux only.
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

interface Names {
  readonly mount: string;
  readonly most: string;
  readonly used: string;
  /** In `memory.stat`: files in memory that the system drops when it needs room. */
  readonly cached: string;
}

const V2: Names = { mount: 'sys/fs/cgroup', most: 'memory.max', used: 'memory.current', cached: 'inactive_file' };
const V1: Names = {
  mount: 'sys/fs/cgroup/memory',
  most: 'memory.limit_in_bytes',
  used: 'memory.usage_in_bytes',
  cached: 'total_inactive_file',
};

/** In bytes; infinite: there is no limit. */
export function leftOfLimit(root = '/'): number {
  const groups = textOf(join(root, 'proc/self/cgroup')).split('\n');
  const left = groups.flatMap((line) => {
    const [, controllers, path = ''] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === '') return leftOf(root, V2, path);
    return controllers?.split(',').includes('memory') ? leftOf(root, V1, path) : [];
  });
  return Math.min(Number.POSITIVE_INFINITY, ...left);
}

/** Of the group and of all above it. A container may see its own as the top, and not those that its path names. */
function leftOf(root: string, names: Names, path: string): number[] {
  const folder = join(root, names.mount, path);
  const most = Number.parseInt(textOf(join(folder, names.most)), 10); // 'max': none
  const used = Number.parseInt(textOf(join(folder, names.used)), 10);
  const cached = new RegExp(`^${names.cached} (\\d+)$`, 'm').exec(textOf(join(folder, 'memory.stat')))?.[1] ?? 0;
  const left = Number.isNaN(most) || Number.isNaN(used) ? [] : [Math.max(0, most - used + Number(cached))];
  return path === '/' ? left : [...left, ...leftOf(root, names, dirname(path))];
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return ''; // there is none
  }
}
