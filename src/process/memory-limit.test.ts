// What a container may still take of memory, by files as Linux shows them.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from '@playwright/test';
import { leftOfLimit } from './memory-limit.ts';

let root: string;
test.beforeEach(() => {
  root = mkdtempSync('/tmp/stk-test-');
});
test.afterEach(() => rmSync(root, { recursive: true }));

function write(files: Readonly<Record<string, string | number>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), `${text}\n`);
  }
}

test('the least that a group or one above it leaves, what is only cached not counted', () => {
  expect(leftOfLimit(root)).toBe(Number.POSITIVE_INFINITY);
  write({
    'proc/self/cgroup': '0::/pod/container',
    'sys/fs/cgroup/pod/container/memory.max': 'max',
    'sys/fs/cgroup/pod/container/memory.current': 100,
    'sys/fs/cgroup/pod/memory.max': 1000,
    'sys/fs/cgroup/pod/memory.current': 900,
    'sys/fs/cgroup/pod/memory.stat': 'anon 500\ninactive_file 300\nactive_file 7',
  });
  expect(leftOfLimit(root)).toBe(400);
  write({ 'sys/fs/cgroup/pod/container/memory.max': 90 });
  expect(leftOfLimit(root)).toBe(0);
});

test('a container that sees its own group as the top has that one’s limit, in version 1, too', () => {
  write({
    'proc/self/cgroup': '5:cpu,cpuacct:/docker/1f\n4:memory:/docker/1f\n0::/',
    'sys/fs/cgroup/memory/memory.limit_in_bytes': 1000,
    'sys/fs/cgroup/memory/memory.usage_in_bytes': 600,
    'sys/fs/cgroup/memory/memory.stat': 'inactive_file 1\ntotal_inactive_file 200',
  });
  expect(leftOfLimit(root)).toBe(600);
});
