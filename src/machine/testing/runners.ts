// Processes that have slots of the machine when they are told to, as runners of Playwright do.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Lifetime } from '../../lifetime.ts';
import { compile } from '../../testing/compiled.ts';

export interface Runner {
  readonly process: ChildProcess;
  /** Resolves when it has one more, with its number, or with what it waits for. */
  take(): Promise<string>;
  /** Resolves when it has the slot that it waited for. */
  taken(id: string): Promise<string>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a run that meets others in `folder`; resolves when it knows of them. */
export type StartRunner = (folder: string, run: string, slots: number) => Promise<Runner>;

export async function slotRunners(lifetime: Lifetime): Promise<StartRunner> {
  const compiled = await compile(lifetime, ['machine/machine-slots']);
  return async (folder, run, slots) => {
    const env = { FOLDER: folder, RUN: run, SLOTS: String(slots) };
    const { process } = await compiled.run(PROGRAM, { env, stdio: ['pipe', 'pipe', 'inherit'] });
    lifetime.defer('end a run', () => process.kill('SIGKILL'));
    if (!process.stdout) throw new Error('no stdout');
    const answers = new Map<string, (text: string) => void>();
    createInterface(process.stdout).on('line', (line) => {
      const [id = '', text = ''] = line.split('\t');
      answers.get(id)?.(text);
    });
    let commands = 0;
    const command = (does: string, argument = ''): Promise<string> => {
      const id = String(++commands);
      process.stdin?.write(`${id}\t${does}\t${argument}\n`);
      return new Promise((resolve) => answers.set(id, resolve));
    };
    await command('join');
    return {
      process,
      take: () => command('take'),
      taken: (id) => command('taken', id),
      kill: async (signal) => {
        process.kill(signal);
        if (signal === 'SIGKILL') await once(process, 'exit');
      },
    };
  };
}

const PROGRAM = `
import { createInterface } from 'node:readline';
import { MachineSlots } from './machine/machine-slots.js';
const { RUN, SLOTS, FOLDER } = process.env;
const machine = new MachineSlots({ run: RUN, root: '/' + RUN, slots: Number(SLOTS) }, FOLDER);
const slots = [];
const does = {
  join: async () => { machine.join(); await machine.met; },
  take: () => new Promise((resolve) => {
    const said = (runs) => runs.map(({ run, held, waiting }) => run + ' ' + held + '+' + waiting).join(', ');
    const slot = machine.take({ onWait: (runs) => resolve('waits for ' + said(runs)) });
    slots.push(slot);
    const number = slots.length;
    slot.taken.then(() => resolve('slot ' + number));
  }),
  taken: (id) => slots[Number(id) - 1].taken.then(() => 'taken'),
};
createInterface(process.stdin).on('line', async (line) => {
  const [id, name, argument] = line.split('\\t');
  console.log(id + '\\t' + await does[name](argument));
});
`;
