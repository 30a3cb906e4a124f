// `npm run bench -- scale`: many stacks at once on one existing server, and many tests in one run.
import { startCluster } from '../src/rewind/testing/cluster.ts';
import type { Answer } from './answer.ts';
import { askAboutManyTests } from './many-tests.ts';
import { askAboutSlots } from './slots.ts';

// A server as one sets it up for tests: nothing is flushed, more connections than the stock hundred.
const SETTINGS = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  dynamic_shared_memory_type: 'mmap',
  max_connections: '1000',
};

export async function benchScale(tell: (answer: Answer) => void): Promise<void> {
  const cluster = await startCluster(process.env.STACKS_BENCH_MAJOR ?? '18', { settings: SETTINGS });
  try {
    await askAboutSlots(cluster, tell);
  } finally {
    await cluster.close();
  }
  await askAboutManyTests(tell);
}
