// Processes that take locks when they are told to, as Playwright's workers do.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { Lifetime } from '../../lifetime.ts';
import { type Compiled, compile } from '../../testing/compiled.ts';

export interface Worker {
  readonly process: ChildProcess;
  /** Resolves with `held`, or with the error's text. */
  take(owner: string, name: string, options?: object): Promise<string>;
  release(owner: string, name: string): Promise<string>;
  /** Releases all. */
  end(owner: string): Promise<string>;
  /** Resolves when the process has ended. */
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** Starts a process whose locks are in `folder`. */
export type StartWorker = (folder: string) => Promise<Worker>;

/** @param server the database on whose server its locks are, too */
export async function lockWorkers(lifetime: Lifetime, server: string | undefined): Promise<StartWorker> {
  const compiled = await compile(lifetime, ['locks/locks', 'locks/lock-service-main']);
  return (folder) => startWorker(compiled, folder, server);
}

/** The pid of the process that listens in `folder`. */
export function servicePid(folder: string): number {
  const found = readdirSync('/proc').find(
    (pid) => /^\d+$/.test(pid) && commandLineOf(pid).endsWith(`lock-service-main.js\0${folder}\0`),
  );
  return Number(found);
}

function commandLineOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return ''; // it has ended
  }
}

async function startWorker(compiled: Compiled, folder: string, server: string | undefined): Promise<Worker> {
  const { process } = await compiled.run(PROGRAM, {
    env: { FOLDER: folder, ...(server && { SERVER: server }) },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answers = new Map<number, (text: string) => void>();
  if (!process.stdout) throw new Error('no stdout');
  createInterface(process.stdout).on('line', (line) => {
    const { id, text } = JSON.parse(line);
    answers.get(id)?.(text);
  });
  let asked = 0;
  const command = (message: object): Promise<string> => {
    const id = ++asked;
    process.stdin?.write(`${JSON.stringify({ id, ...message })}\n`);
    return new Promise((resolve) => answers.set(id, resolve));
  };
  return {
    process,
    take: (owner, name, options = {}) => command({ does: 'take', owner, name, options }),
    release: (owner, name) => command({ does: 'release', owner, name }),
    end: (owner) => command({ does: 'end', owner }),
    kill: async (signal) => {
      if (process.exitCode !== null || process.signalCode !== null) return;
      process.kill(signal);
      await once(process, 'exit');
    },
  };
}

const PROGRAM = `
import { createInterface } from 'node:readline';
import { Locks } from './locks/locks.js';
const locks = new Locks({ folder: process.env.FOLDER, server: process.env.SERVER });
const owners = new Map();
const releases = new Map();
const does = {
  async take({ owner, name, options }) {
    if (!owners.has(owner)) owners.set(owner, locks.ownerOf({ run: '0123456789', root: '/project', title: owner, pid: process.pid }));
    releases.set(owner + name, await owners.get(owner).take(name, options));
    return 'held';
  },
  async release({ owner, name }) {
    await releases.get(owner + name)();
    return 'released';
  },
  async end({ owner }) {
    await owners.get(owner)[Symbol.asyncDispose]();
    owners.delete(owner);
    return 'ended';
  },
};
createInterface(process.stdin).on('line', (line) => {
  const command = JSON.parse(line);
  const answer = (text) => console.log(JSON.stringify({ id: command.id, text }));
  does[command.does](command).then(answer, (error) => answer(error.message));
}).on('close', () => locks.close());
`;
