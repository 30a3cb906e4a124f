// `npm run bench -- start [--rounds N] [--row TITLE]`: what a person waits for at every run. Whole runs of Playwright, ours beside the
// peers of `bench/peers/`, in turns, on one machine; the median of each. Needs `npm run build`.
import { median } from './contest.ts';
import { openPeers, type Peers } from './start-peers.ts';
import { drawStart } from './start-trace.ts';

/** Beginning with what nobody can beat. */
const CONTENDERS = ['floor', 'worker-fixture', 'ours', 'ours on that server'] as const;
type Contender = (typeof CONTENDERS)[number];

interface Row {
  readonly title: string;
  readonly suite: Suite;
  /** Milliseconds that each server boots. */
  readonly boot?: number;
  readonly contenders: readonly (Contender | 'server running already' | 'ours, cold')[];
}

type Suite = 'empty' | 'passing' | 'failing' | 'four';

const ROWS: readonly Row[] = [
  { title: 'one empty test', suite: 'empty', contenders: ['server running already', ...CONTENDERS, 'ours, cold'] },
  { title: 'one empty test, boots 1.5 s', suite: 'empty', boot: 1500, contenders: CONTENDERS },
  { title: '4 files of an empty test, boots 1.5 s', suite: 'four', boot: 1500, contenders: CONTENDERS },
  { title: '16 files of 4 tests', suite: 'passing', contenders: CONTENDERS },
  { title: '16 files of 4 tests, one fails in each', suite: 'failing', contenders: CONTENDERS },
  { title: '16 files of 4 tests, boots 1.5 s', suite: 'passing', boot: 1500, contenders: CONTENDERS },
  { title: 'both', suite: 'failing', boot: 1500, contenders: CONTENDERS },
];

export async function benchStart(flags: readonly string[]): Promise<void> {
  const rounds = Number(flagOf(flags, '--rounds') ?? 5);
  const chosen = ROWS.filter(({ title }) => title.includes(flagOf(flags, '--row') ?? ''));
  const peers = await openPeers();
  try {
    for (const [suite, text] of Object.entries(SUITES)) peers.writeSuite(suite, text.files, text.test);
    const medians = new Map<string, number>();
    for (const row of chosen) {
      const times = new Map(row.contenders.map((contender) => [contender, [] as number[]]));
      // The first round warms caches, and does not count.
      for (let round = 0; round <= rounds; round++) {
        for (const contender of row.contenders) {
          const ms = await measure(peers, contender, row);
          if (round > 0) times.get(contender)?.push(ms);
        }
      }
      for (const [contender, all] of times) medians.set(`${row.title} ${contender}`, median(all));
      print(row, times);
    }
    for (const contender of CONTENDERS) {
      const [passing, failing] = ['16 files of 4 tests', '16 files of 4 tests, one fails in each'].map((title) =>
        medians.get(`${title} ${contender}`),
      );
      if (passing === undefined || failing === undefined) continue;
      console.log(`a failing test’s delay, ${contender.padEnd(20)} ${seconds((failing - passing) / 16)}`);
    }
    const events = peers.events();
    if (events.length > 0) console.log(`\nAn empty run of ours, in milliseconds:\n\n${drawStart(events)}`);
  } finally {
    await peers.close();
  }
}

function flagOf(flags: readonly string[], name: string): string | undefined {
  const at = flags.indexOf(name);
  return at < 0 ? undefined : flags[at + 1];
}

const SUITES: Readonly<Record<Suite, { readonly files: number; readonly test: string }>> = {
  empty: { files: 1, test: `test('is empty', () => {});` },
  four: { files: 4, test: `test('is empty', () => {});` },
  passing: { files: 16, test: writing('writes') },
  failing: { files: 16, test: writing('writes', "test('fails', () => { throw new Error('on purpose'); });") },
};

/** In a file whose second test fails there are as many. */
function writing(title: string, failing?: string): string {
  const one = (n: number) => `test('${title} ${n}', async ({ request, baseURL }) => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    await request.post(baseURL + '');
  });`;
  return [one(1), failing ?? one(2), one(3), one(4)].join('\n');
}

function measure(peers: Peers, contender: Row['contenders'][number], { suite, boot = 0 }: Row): Promise<number> {
  const options = { suite, boot };
  if (contender === 'floor' || contender === 'worker-fixture') return peers.run(contender, options);
  if (contender === 'server running already') return peers.beside(() => peers.run('floor', { ...options, isUp: true }));
  if (contender === 'ours on that server') return peers.run('ours', { ...options, shares: true });
  return peers.run('ours', { ...options, isCold: contender === 'ours, cold' });
}

function print({ title }: Row, times: ReadonlyMap<string, readonly number[]>): void {
  console.log(`\n${title}`);
  for (const [contender, all] of times) {
    const [least, most] = [Math.min(...all), Math.max(...all)];
    console.log(
      `  ${contender.padEnd(24)} ${seconds(median(all)).padStart(8)}   ${seconds(least)} to ${seconds(most)}`,
    );
  }
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}
