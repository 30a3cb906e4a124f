#!/usr/bin/env node
// `npx playwright-stacks <command>`.
import { parseArgs } from 'node:util';
import { nearest } from '../config/nearest.ts';
import { messageOf } from '../errors.ts';
import { writeError, writeOut } from '../text/terminal.ts';
import { doctorApp } from './app/doctor-app.ts';
import { clean } from './clean.ts';
import { dev } from './dev.ts';
import { doctor } from './doctor.ts';
import { mergeReportsCommand } from './merge-reports.ts';
import { psql, psqlKept } from './psql.ts';
import { status } from './status.ts';
import { watch } from './watch.ts';

interface Command {
  /** What follows the command's name. */
  readonly arguments: string;
  /** In lines of the help. */
  readonly does: readonly string[];
  /** Resolves with the exit code. */
  readonly run: (args: readonly string[]) => Promise<number>;
}

const COMMANDS: Readonly<Record<string, Command>> = {
  status: {
    arguments: '[--json | --watch]',
    does: [
      'lists the runs on this machine with their slots, databases, servers and processes; and kept databases;',
      'with --watch it follows the newest run until that ends',
    ],
    run: (args) => {
      const { json, watch: follows } = options(args, ['json', 'watch']);
      return follows ? watch() : status(json ? 'json' : 'text');
    },
  },
  clean: {
    arguments: '[--dry-run]',
    does: [
      'removes leftovers of dead runs, on this machine and on the server that STACKS_DATABASE_URL names;',
      'and the databases that this project has kept',
    ],
    run: (args) => clean(options(args, ['dry-run'])['dry-run'] ? 'look' : 'remove'),
  },
  doctor: {
    arguments: '[--app [tests]]',
    does: [
      'checks what a run needs of this machine, and says what to do; with --app it opens two slots,',
      'and says what of the application would not be isolated (-c, --project, -g and tests as Playwright has them)',
    ],
    run: (args) => {
      if (args.includes('--app')) return doctorApp(args, process.cwd());
      options(args, []);
      return doctor(process.cwd());
    },
  },
  psql: {
    arguments: '[slot | name]',
    does: ['opens the database of a slot of the run in this folder (default: slot 0), or a kept database'],
    run: (args) => (args[0]?.startsWith('stk_kept_') ? psqlKept(only(args)) : psql(slotOf(args))),
  },
  'merge-reports': {
    arguments: '<reports> [-o file]',
    does: [
      'makes one report of those of shards: of files, or of folders that have them; default: stacks-report/index.html',
    ],
    run: (args) => mergeReportsCommand(args),
  },
  dev: {
    arguments: '[arguments]',
    does: [
      'runs the application on a fresh database until Ctrl-C; arguments go to Playwright (-c, --project);',
      'on a copy of a kept database: dev --kept NAME',
    ],
    run: dev,
  },
};

/** Resolves with the exit code. */
async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined || ['help', '--help', '-h'].includes(name)) {
    writeOut(help());
    return 0;
  }
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (!command) throw new Error(`${unknownCommand(name)}\n\n${help()}`);
  return command.run(rest);
}

function help(): string {
  const calls = Object.entries(COMMANDS).map(([name, { arguments: rest, does }]) => ({
    call: `${name} ${rest}`,
    does,
  }));
  const width = Math.max(...calls.map(({ call }) => call.length)) + 2;
  const entries = calls.map(({ call, does }) =>
    does.map((line, index) => `  ${(index === 0 ? call : '').padEnd(width)}${line}`).join('\n'),
  );
  return `Usage: npx playwright-stacks <command>\n\n${entries.join('\n')}\n`;
}

function unknownCommand(name: string): string {
  const guess = nearest(name, Object.keys(COMMANDS));
  return `unknown command '${name}'${guess ? `; did you mean '${guess}'?` : '.'}`;
}

function options(args: readonly string[], names: readonly string[]): Readonly<Record<string, unknown>> {
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

main(process.argv.slice(2)).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    writeError(`${messageOf(error)}\n`);
    process.exitCode = 1;
  },
);
