// The ways in which a run is ended, or hurt, from outside.
import type { Random } from '../fuzz/random.ts';
import { processesMarked } from '../harness/processes.ts';
import type { Running } from '../harness/run.ts';

/** What a way may use: the run, and its mark. */
export interface Victim {
  readonly running: Running;
  readonly tag: string;
  readonly random: Random;
}

/** `sweep`: the reaper is dead as well, and the next run has to clean. `nothing`: there was nothing to hurt any more. */
export type CleanedBy = 'itself' | 'sweep' | 'nothing';

export const WAYS: Readonly<Record<string, (victim: Victim) => CleanedBy>> = {
  'runner SIGKILL': ({ running }) => kill(running, 'SIGKILL'),
  'runner SIGTERM': ({ running }) => kill(running, 'SIGTERM'),
  'terminal SIGHUP': ({ running }) => kill(running, 'SIGHUP', 'group'),
  'terminal SIGINT': ({ running }) => kill(running, 'SIGINT', 'group'),
  'terminal SIGINT, again and again': ({ running }) => {
    const interval = setInterval(
      () => (running.ended() ? clearInterval(interval) : kill(running, 'SIGINT', 'group')),
      400,
    );
    return kill(running, 'SIGINT', 'group');
  },
  'runner and workers SIGKILL': (victim) => {
    each(victim, /workerProcessEntry/, 'SIGKILL');
    return kill(victim.running, 'SIGKILL');
  },
  'runner and reaper SIGKILL': (victim) => {
    each(victim, /reaper-main/, 'SIGKILL');
    return toSweep(kill(victim.running, 'SIGKILL'));
  },
  'reaper SIGSTOP, runner SIGKILL': (victim) => {
    each(victim, /reaper-main/, 'SIGSTOP');
    return toSweep(kill(victim.running, 'SIGKILL'));
  },
  'reaper SIGSTOP': (victim) => each(victim, /reaper-main/, 'SIGSTOP'),
  'reaper SIGKILL': (victim) => each(victim, /reaper-main/, 'SIGKILL'),
  'a worker SIGKILL': (victim) => one(victim, /workerProcessEntry/, 'SIGKILL'),
  'a worker SIGSTOP, runner SIGKILL': (victim) => {
    one(victim, /workerProcessEntry/, 'SIGSTOP');
    return kill(victim.running, 'SIGKILL');
  },
  'an app server SIGKILL': (victim) => one(victim, /app\.mjs/, 'SIGKILL'),
  'an app server SIGSTOP, runner SIGKILL': (victim) => {
    one(victim, /app\.mjs/, 'SIGSTOP');
    return kill(victim.running, 'SIGKILL');
  },
  'the relay SIGKILL': (victim) => each(victim, /relay-main/, 'SIGKILL'),
  'the relay SIGSTOP': (victim) => each(victim, /relay-main/, 'SIGSTOP'),
  'the relay SIGSTOP, runner SIGKILL': (victim) => {
    each(victim, /relay-main/, 'SIGSTOP');
    return kill(victim.running, 'SIGKILL');
  },
  'a Postgres process SIGKILL': (victim) => one(victim, /postgres/, 'SIGKILL'),
  'Postgres SIGKILL, runner SIGKILL': (victim) => {
    each(victim, /postgres/, 'SIGKILL');
    return kill(victim.running, 'SIGKILL');
  },
  'a Postgres process SIGSTOP, runner SIGKILL': (victim) => {
    one(victim, /postgres/, 'SIGSTOP');
    return kill(victim.running, 'SIGKILL');
  },
  'Postgres, runner and reaper SIGKILL': (victim) => {
    each(victim, /reaper-main/, 'SIGKILL');
    const cleanedBy = toSweep(kill(victim.running, 'SIGKILL'));
    each(victim, /postgres/, 'SIGKILL');
    return cleanedBy;
  },
  'the shell over Postgres SIGKILL, runner SIGKILL': (victim) => {
    each(victim, /^\/bin\/sh -c .*exec 3<&0/s, 'SIGKILL');
    return kill(victim.running, 'SIGKILL');
  },
};

function kill(running: Running, signal: NodeJS.Signals, to: 'runner' | 'group' = 'runner'): CleanedBy {
  if (running.ended()) return 'nothing';
  running.kill(signal, to);
  return 'itself';
}

function toSweep(cleanedBy: CleanedBy): CleanedBy {
  return cleanedBy === 'nothing' ? 'nothing' : 'sweep';
}

function one({ tag, random }: Victim, command: RegExp, signal: NodeJS.Signals): CleanedBy {
  const found = ofVictim(tag, command);
  return found.length > 0 && send(random.pick(found), signal) ? 'itself' : 'nothing';
}

function each({ tag }: Victim, command: RegExp, signal: NodeJS.Signals): CleanedBy {
  const sent = ofVictim(tag, command).map((pid) => send(pid, signal));
  return sent.includes(true) ? 'itself' : 'nothing';
}

function ofVictim(tag: string, command: RegExp): number[] {
  return processesMarked([tag]).flatMap((found) => (command.test(found.command) ? [found.pid] : []));
}

function send(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // It ended in between.
  }
}
