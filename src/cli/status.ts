// `status`: what runs on this machine, and what of dead runs is still there.
import { type FoundRun, findRuns } from '../cleanup/find-runs.ts';
import { lookAtSlots } from '../machine/look-at-slots.ts';
import type { RunSlots } from '../machine/slot-table.ts';
import { withClient } from '../postgres/client/connection.ts';
import { serverTitle } from '../postgres/client/connection-string.ts';
import { connectTo } from '../postgres/existing/existing.ts';
import { startOf } from '../process/processes.ts';
import { readState } from '../state/follow-state.ts';
import type { RunState } from '../state/run-state.ts';
import { printableJson } from '../text/printable.ts';
import { writeOut } from '../text/terminal.ts';
import { keptText, listKept } from './list-kept.ts';
import { progressLine } from './state-text.ts';
import { age, megabytes, table } from './table.ts';

interface RunStatus {
  readonly run: string;
  readonly runner: 'running' | 'dead';
  readonly pid: number;
  readonly root: string;
  readonly folder: string;
  readonly seconds: number;
  /** Host and port of its Postgres; undefined while there is none. */
  readonly postgres: string | undefined;
  readonly stacks: readonly {
    readonly slot: number;
    readonly variant: string;
    readonly database: string;
    /** Undefined: it is not open. */
    readonly bytes: number | undefined;
    readonly url: string | undefined;
  }[];
  /** What it has started that still runs. */
  readonly processes: readonly { readonly title: string; readonly pid: number }[];
  /** Of the machine: its groups of tests that have one, and those that wait. Undefined: none has or does. */
  readonly slots: { readonly held: number; readonly waiting: number; readonly of: number } | undefined;
  /** What its events add up to; undefined: it is dead, or does not answer. */
  readonly state: RunState | undefined;
}

export async function status(as: 'json' | 'text'): Promise<number> {
  const shared = await lookAtSlots();
  const runs = await Promise.all(findRuns().map((found) => statusOf(found, shared)));
  const kept = await listKept(process.cwd(), process.env.STACKS_DATABASE_URL);
  if (as === 'json') writeOut(`${printableJson({ runs, kept })}\n`);
  else writeOut([...(runs.length === 0 ? ['No runs.\n'] : runs.map(text)), ...keptText(kept)].join('\n'));
  return 0;
}

async function statusOf(found: FoundRun, shared: readonly RunSlots[]): Promise<RunStatus> {
  const { run, runner, pid, root, folder, at, stacks, open } = found;
  const own = shared.find((each) => each.run === run);
  const url = stacks[0]?.databaseUrl;
  const sizes = url === undefined ? new Map<string, number>() : await sizesOf(url, run);
  const groups = open.flatMap((entry) => (entry.kind === 'group' ? [entry] : []));
  return {
    run,
    runner,
    pid,
    root,
    folder,
    seconds: Math.round((Date.now() - at) / 1000),
    postgres: url && serverTitle(url),
    stacks: stacks.map(({ slot, variant, database, url }) => {
      return { slot, variant, database, bytes: sizes.get(database), url };
    }),
    slots: own && { held: own.held, waiting: own.waiting, of: own.slots },
    state: runner === 'running' ? await readState(folder) : undefined,
    processes: groups.filter(({ pid, started }) => startOf(pid) === started).map(({ title, pid }) => ({ title, pid })),
  };
}

/** Of the run's databases; none where the server is gone, or slot 0 is not open. */
async function sizesOf(url: string, run: string): Promise<Map<string, number>> {
  const opening = connectTo(url, { purpose: 'status', timeout: 2_000 });
  const sizes = withClient(opening, async (client) => {
    const { rows } = await client.query<{ name: string; bytes: string }>(SIZES, [`stk_${run}_`]);
    return new Map(rows.map(({ name, bytes }) => [name, Number(bytes)]));
  });
  return sizes.catch(() => new Map());
}

const SIZES = `
  SELECT datname AS name, pg_catalog.pg_database_size(oid) AS bytes
    FROM pg_catalog.pg_database
   WHERE starts_with(datname, $1)`;

function text({ state: now, ...found }: RunStatus): string {
  const { run, runner, pid, root, folder, seconds, postgres, slots, stacks, processes } = found;
  const state =
    runner === 'running' ? `running for ${age(seconds)}, pid ${pid}` : 'dead; `clean` removes its leftovers';
  const open = stacks.map(({ slot, variant, database, bytes, url }) => {
    return [String(slot), variant, bytes === undefined ? '-' : megabytes(bytes), database, url ?? ''];
  });
  return [
    `run ${run}  ${state}\n`,
    table([
      ...(now ? [['tests', progressLine(now.progress)]] : []),
      ...(slots ? [['slots', slotsLine(slots)]] : []),
      ['project', root],
      ['folder', folder],
      ...(postgres === undefined ? [] : [['postgres', postgres]]),
      ...processes.map(({ title, pid }) => [`pid ${pid}`, title]),
    ]),
    open.length === 0 ? '' : table([['SLOT', 'VARIANT', 'SIZE', 'DATABASE', 'URL'], ...open]),
  ].join('');
}

/** `2 of the 6 of this machine; 1 group of tests waits for one` */
function slotsLine({ held, waiting, of }: NonNullable<RunStatus['slots']>): string {
  const waits = waiting === 1 ? '1 group of tests waits for one' : `${waiting} groups of tests wait for one`;
  return `${held} of the ${of} of this machine${waiting > 0 ? `; ${waits}` : ''}`;
}
