// What a container may still take of memory, by files as Linux shows them.
import { expect, test } from '@playwright/test';
import { leftOfLimit, memoryLimit } from './memory-limit.ts';
import { linuxFiles } from './testing/linux-files.ts';

const linux = linuxFiles();

test('the least that a group or one above it leaves, what is only cached not counted', () => {
  expect(leftOfLimit(linux.root)).toBe(Number.POSITIVE_INFINITY);
  linux.write({
    'proc/self/cgroup': '0::/pod/container',
    'sys/fs/cgroup/pod/container/memory.max': 'max',
    'sys/fs/cgroup/pod/container/memory.current': 100,
    'sys/fs/cgroup/pod/memory.max': 1000,
    'sys/fs/cgroup/pod/memory.current': 900,
    'sys/fs/cgroup/pod/memory.stat': 'anon 500\ninactive_file 300\nactive_file 7',
  });
  expect([memoryLimit(linux.root), leftOfLimit(linux.root)]).toEqual([1000, 400]);
  linux.write({ 'sys/fs/cgroup/pod/container/memory.max': 90 });
  expect(leftOfLimit(linux.root)).toBe(0);
});

test('a container that sees its own group as the top has that one’s limit, in version 1, too', () => {
  linux.write({
    'proc/self/cgroup': '5:cpu,cpuacct:/docker/1f\n4:memory:/docker/1f\n0::/',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': 1000,
    'sys/fs/cgroup/memory/memory.usage_in_bytes': 600,
    'sys/fs/cgroup/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 200',
  });
  expect(leftOfLimit(linux.root)).toBe(600);
});
