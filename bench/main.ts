// `npm run bench -- <what> [--json]`: measures, and prints a table, or one JSON object a line; `start`
// prints tables of its own.
import { type Answer, printer } from './answer.ts';
import { benchBoard } from './board.ts';
import { benchExplain } from './explain.ts';
import { benchGenerations } from './generations.ts';
import { benchMachine } from './machine.ts';
import { benchRewind } from './rewind.ts';
import { benchScale } from './scale.ts';
import { benchStart } from './start.ts';
import { benchWorkspace } from './workspace.ts';

/** Each tells its answers as it finds them. */
const BENCHES: Readonly<Record<string, (tell: (answer: Answer) => void) => Promise<void>>> = {
  board: benchBoard,
  explain: benchExplain,
  generations: benchGenerations,
  machine: benchMachine,
  rewind: benchRewind,
  scale: benchScale,
  workspace: benchWorkspace,
};

async function main([what = '', ...flags]: readonly string[]): Promise<void> {
  if (what === 'start') return benchStart(flags);
  const bench = BENCHES[what];
  if (!bench) throw new Error(`npm run bench -- ${Object.keys(BENCHES).join(' | ')} [--json] | start [--rounds N]`);
  await bench(printer(flags.includes('--json') ? 'json' : 'table'));
}

main(process.argv.slice(2)).then(
  () => process.exit(0),
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.stack : error}\n`);
    process.exit(1);
  },
);
