// Playwright's globalSetup of this project: marks the run, and looks after it for what the tests' own checks cannot see.
import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { poll } from '../../src/wait.ts';
import { takeHome } from './home.ts';
import { leftProcesses } from './leaks.ts';
import { describeProcess, processes, processesMarked } from './processes.ts';
import { watchMemory } from './shared-memory.ts';
import { unixSockets } from './sockets.ts';

interface State {
  readonly entries: ReadonlySet<string>;
  readonly orphans: ReadonlySet<string>;
}

const CLEAN_TIMEOUT_MS = 5_000;

/** Returns the teardown, which throws the list of what was not there before. */
export default function wholeRun(): () => Promise<void> {
  const run = randomBytes(2).toString('hex');
  process.env.E2E_RUN = run;
  const before = look();
  const marks = [`E2E_RUN=${run}\0`, `/e2e-${run}`];
  const memory = watchMemory(marks);
  const madeOnce = mkdtempSync(path.join(tmpdir(), `e2e-${run}-made-once-`));
  chmodSync(madeOnce, 0o755);
  process.env.E2E_MADE_ONCE = madeOnce;
  // Made while the unit tests run: the workers would both wait for it. If that fails, they say why.
  const home = process.env.E2E_HOME === 'ahead' ? takeHome().catch(() => undefined) : undefined;
  return async () => {
    await (await home)?.release();
    rmSync(madeOnce, { recursive: true });
    let left: readonly string[] = [];
    const isClean = () => {
      left = [...difference(before, look(), run, marks), ...memory.orphans()];
      return left.length === 0 || undefined;
    };
    const clean = await poll(isClean, { timeout: CLEAN_TIMEOUT_MS, interval: 100 });
    memory.stop();
    if (clean) return;
    throw new Error(`Left behind by the whole run:\n  ${left.join('\n  ')}`);
  };
}

function look(): State {
  const entries = ['/tmp', '/dev/shm'].flatMap((folder) => readdirSync(folder).map((name) => path.join(folder, name)));
  const servers = processes().filter(({ name, parent, command }) => {
    return name === 'postgres' && parent === 1 && /\/(stk|playwright-stacks)/.test(command);
  });
  return {
    entries: new Set(entries.filter((entry) => /^(stk|e2e-)/.test(path.basename(entry)))),
    orphans: new Set(servers.map((server) => `orphan: ${describeProcess(server)}`)),
  };
}

function difference(before: State, now: State, run: string, marks: readonly string[]): string[] {
  return [
    ...[...now.entries].filter((entry) => !before.entries.has(entry) && !isOfOthers(entry, run)),
    ...[...now.orphans].filter((orphan) => !before.orphans.has(orphan)),
    ...leftProcesses(marks).map(({ text }) => text),
  ];
}

// Another run of these tests, or of the package, on the same machine: by its name, or by who lives in it. Processes of
// this run are told by themselves.
function isOfOthers(entry: string, run: string): boolean {
  const name = path.basename(entry);
  if (name.startsWith('e2e-')) return !name.startsWith(`e2e-${run}`);
  return processesMarked([entry]).length > 0 || unixSockets().some(({ address }) => address.startsWith(entry));
}
