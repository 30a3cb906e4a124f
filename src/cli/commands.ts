// The commands: what each takes, what it does, and who does it. The help is written from it, and docs/command-line.md
// says the same of each.
import { parseArgs } from 'node:util';
import { doctorApp } from './app/doctor-app.ts';
import { audit } from './audit/audit.ts';
import { clean } from './clean.ts';
import { dev } from './dev.ts';
import { doctor } from './doctor.ts';
import { initCommand } from './init.ts';
import { mergeReportsCommand } from './merge-reports.ts';
import { psql, psqlKept } from './psql.ts';
import { status } from './status.ts';
import { watch } from './watch.ts';

export interface Command {
  /** What follows the command's name. */
  readonly arguments: string;
  /** For the list of all commands, in lines. */
  readonly summary: readonly string[];
  /** As docs/command-line.md has it. */
  readonly does: string;
  /** The options that it knows, long and short. `any`: what it does not know goes to Playwright. */
  readonly options: readonly string[] | 'any';
  /** Resolves with the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

export const COMMANDS: Readonly<Record<string, Command>> = {
  init: {
    arguments: '[--yes | --dry-run] [-c config] [--agent]',
    summary: [
      'reads the project, says what it found, shows what it would add to the Playwright config, and writes it;',
      'with --yes without a question, with --dry-run it writes nothing',
    ],
    does: 'sets a project up: reads its files, says what it found and where, shows what it would add to the Playwright config, writes it after a yes, adds the package, and opens two slots with doctor --app. With --yes it asks nothing, with --dry-run it writes and runs nothing. -c names one of several configs, --agent also writes a skill for coding agents',
    options: ['--yes', '--dry-run', '--config', '-c', '--agent'],
    run: initCommand,
  },
  status: {
    arguments: '[--json | --watch]',
    summary: [
      'lists the runs on this machine with their slots, databases, servers and processes; and kept databases;',
      'with --watch it follows the newest run until that ends',
    ],
    does: 'lists the runs on this machine with their progress, slots, databases and sizes, URLs and processes, and the slots of the machine that each has; dead runs that are not cleaned up yet; and the databases that this project has kept. With --json also the state of each run. --watch follows the newest run until it ends',
    options: ['--json', '--watch'],
    run: (args) => {
      const { json, watch: follows } = flags(args, ['json', 'watch']);
      return follows ? watch() : status(json ? 'json' : 'text');
    },
  },
  clean: {
    arguments: '[--dry-run]',
    summary: [
      'removes leftovers of dead runs, on this machine and on the server that STACKS_DATABASE_URL names;',
      'and the databases that this project has kept',
    ],
    does: 'removes what dead runs left on this machine and on the server that STACKS_DATABASE_URL names, and the databases that this project has kept. With --dry-run it says what it would remove',
    options: ['--dry-run'],
    run: (args) => clean(flags(args, ['dry-run'])['dry-run'] ? 'look' : 'remove'),
  },
  doctor: {
    arguments: '[--app [tests]]',
    summary: [
      'checks what a run needs of this machine, and says what to do; with --app it opens two slots,',
      'and says what of the application would not be isolated (-c, --project, -g and tests as Playwright has them)',
    ],
    does: 'checks Node, Playwright, its browser, Postgres (the one that database.binaries names, or the role and its rights on STACKS_DATABASE_URL, and that it has database.extensions), git, /dev/shm and memory, and says what to do. Exit code 1 means that a run would fail. With --app it opens two slots side by side and looks at what the application does; exit code 1 means that a run would not be isolated. Tests, -g, -c and --project are as Playwright has them',
    options: ['--app', '--config', '-c', '--project', '--grep', '-g'],
    run: (args) => {
      if (args.includes('--app')) return doctorApp(args, process.cwd());
      if (args.length > 0) throw new Error(`${args[0]} is for \`doctor --app\`.`);
      return doctor(process.cwd());
    },
  },
  audit: {
    arguments: '[filter]',
    summary: [
      'finds out what the application remembers, and which tests depend on others, by running them in several',
      'orders (--json, --seed; -c, --project, -g and tests as Playwright has them)',
    ],
    does: 'runs the tests each on a new process of the application, then as configured in file order, reversed and shuffled; says which test goes another way after which others, on what it depends, and which option cures it. Exit code 1 means that one does. --seed repeats an order, --json prints the findings as data. Tests, -g, -c and --project are as Playwright has them',
    options: ['--json', '--seed', '--config', '-c', '--project', '--grep', '-g'],
    run: (args) => audit(args, process.cwd()),
  },
  psql: {
    arguments: '[slot | name]',
    summary: ['opens the database of a slot of the run in this folder (default: slot 0), or a kept database'],
    does: 'opens the database of a slot of the run in this folder (default: slot 0), also while a test is paused in UI mode, or a database that was kept. Without a terminal it prints the connection string; that of a copy of a kept database is good until Ctrl-C',
    options: [],
    run: (args) => (args[0]?.startsWith('stk_kept_') ? psqlKept(only(args)) : psql(slotOf(args))),
  },
  'merge-reports': {
    arguments: '<reports> [-o file]',
    summary: [
      'makes one report of those of shards: of files, or of folders that have them; default: stacks-report/index.html',
    ],
    does: 'makes one report of those of shards: of files, or of folders that have them. -o names it (default: stacks-report/index.html)',
    options: ['--output-file', '-o'],
    run: (args) => mergeReportsCommand(args),
  },
  dev: {
    arguments: '[arguments]',
    summary: [
      'runs the application on a fresh database until Ctrl-C; arguments go to Playwright (-c, --project);',
      'on a copy of a kept database: dev --kept NAME',
    ],
    does: 'runs the application on a fresh database, as a test would find it, until Ctrl-C. Arguments go to Playwright (-c, --project). dev --kept NAME runs it on a copy of a kept database',
    options: 'any',
    run: dev,
  },
};

function flags(args: readonly string[], names: readonly string[]): Readonly<Record<string, unknown>> {
  const known = Object.fromEntries(names.map((name) => [name, { type: 'boolean' as const }]));
  return parseArgs({ args: [...args], options: known }).values;
}

function only([name = '', ...more]: readonly string[]): string {
  if (more.length === 0) return name;
  throw new Error(`psql takes one name: \`npx playwright-stacks psql ${name}\`.`);
}

function slotOf([slot = '0', ...more]: readonly string[]): number {
  if (/^\d+$/.test(slot) && more.length === 0) return Number(slot);
  throw new Error('psql takes a slot number, `npx playwright-stacks psql 2`, or the name of a kept database.');
}
