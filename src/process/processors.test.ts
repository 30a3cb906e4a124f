// How many processors a container may use, by files as Linux shows them.
import { availableParallelism } from 'node:os';
import { expect, test } from '@playwright/test';
import { processors } from './processors.ts';
import { linuxFiles } from './testing/linux-files.ts';

const linux = linuxFiles();

test('all of the machine, or the least that a group or one above it may use, and at least one', () => {
  expect(processors(linux.root)).toBe(availableParallelism());
  linux.write({
    'proc/self/cgroup': '0::/pod/container',
    'sys/fs/cgroup/pod/container/cpu.max': 'max 100000',
    'sys/fs/cgroup/pod/cpu.max': '250000 100000',
  });
  expect(processors(linux.root, 8)).toBe(2);
  expect(processors(linux.root, 1), 'no more than there are').toBe(1);
  linux.write({ 'sys/fs/cgroup/pod/container/cpu.max': '50000 100000' });
  expect(processors(linux.root, 8)).toBe(1);
});

test('so it is in version 1, whose mount has other names', () => {
  linux.write({
    'proc/self/cgroup': '5:cpu,cpuacct:/\n4:memory:/docker/1f\n0::/',
    'sys/fs/cgroup/cpu/cpu.cfs_quota_us': -1,
    'sys/fs/cgroup/cpu/cpu.cfs_period_us': 100_000,
  });
  expect(processors(linux.root, 8)).toBe(8);
  linux.write({ 'sys/fs/cgroup/cpu/cpu.cfs_quota_us': 300_000 });
  expect(processors(linux.root, 8)).toBe(3);
});
