// `init`: its arguments, and who is asked.
import { parseArgs } from 'node:util';
import { init } from '../init/init.ts';
import { attended, unattended } from '../init/talk.ts';
import { doctorApp } from './app/doctor-app.ts';

export async function initCommand(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      ...{ yes: { type: 'boolean' }, 'dry-run': { type: 'boolean' }, agent: { type: 'boolean' } },
      config: { type: 'string', short: 'c' },
    },
  });
  const { yes = false, 'dry-run': isDry = false, agent = false, config } = values;
  const isTerminal = Boolean(process.stdin.isTTY && process.stdout.isTTY);
  if (!yes && !isDry && !isTerminal) {
    throw new Error('init asks before it writes, and there is no terminal to ask in: use --yes, or --dry-run to look.');
  }
  const talk = yes || !isTerminal ? unattended : await attended();
  const skill = agent ? 'written' : 'none';
  return init({ folder: process.cwd(), config, skill, writes: isDry ? 'never' : 'asked', talk, doctorApp });
}
