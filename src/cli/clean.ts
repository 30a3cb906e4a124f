// `clean`: the sweep, by hand and with a word about it; and what was kept.
import { findRuns } from '../cleanup/find-runs.ts';
import type { Entry } from '../cleanup/journal.ts';
import type { Reaped } from '../cleanup/reap.ts';
import { sweep } from '../cleanup/sweep.ts';
import { cleanKept } from '../kept/clean-kept.ts';
import { withClient } from '../postgres/client/connection.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import { connectTo } from '../postgres/existing/existing.ts';
import { sweepDatabases } from '../postgres/existing/sweep-databases.ts';
import { writeError, writeOut } from '../text/terminal.ts';

/** @param how `look`: says what it would remove */
export async function clean(how: 'remove' | 'look'): Promise<number> {
  const here = how === 'look' ? { removed: whatIsLeft(), failures: [] } : await sweep();
  const there = await cleanServer(process.env.STACKS_DATABASE_URL, how);
  const verb = how === 'look' ? 'would remove' : 'removed';
  const kept = await cleanKept(process.cwd(), process.env.STACKS_DATABASE_URL, how === 'look' ? 'look' : 'drop');
  const removed = [...here.removed, ...there.removed, ...kept];
  const failures = [...here.failures, ...there.failures];
  for (const what of removed) writeOut(`${verb} ${what}\n`);
  if (removed.length === 0) writeOut('Nothing to clean up.\n');
  for (const failure of failures) writeError(`could not ${failure}\n`);
  return failures.length === 0 ? 0 : 1;
}

function whatIsLeft(): string[] {
  const dead = findRuns().filter(({ runner }) => runner === 'dead');
  return dead.flatMap(({ run, folder, open }) => [...open.map((entry) => nameOf(entry, run)), folder]);
}

function nameOf(entry: Entry, run: string): string {
  switch (entry.kind) {
    case 'group':
      return `process ${entry.pid} (${entry.title} of run ${run}), if it still runs`;
    case 'reaper':
      return `process ${entry.pid} (the reaper of run ${run}), if it still runs`;
    case 'server':
      return `the databases of run ${run} at ${serverTitle(entry.url)}`;
    case 'data':
    case 'copies':
    case 'workspaces':
      return entry.folder;
  }
}

async function cleanServer(url: string | undefined, how: 'remove' | 'look'): Promise<Reaped> {
  if (!url) return { removed: [], failures: [] };
  const at = `at ${serverTitle(url)}`;
  const { dropped, failures } = await withClient(connectTo(url, { purpose: 'sweep' }), (client) => {
    return sweepDatabases(client, how === 'look' ? 'look' : 'drop');
  });
  return {
    removed: dropped.map((name) => `database ${name} ${at}`),
    failures: failures.map((failure) => `${failure} (${at})`),
  };
}
