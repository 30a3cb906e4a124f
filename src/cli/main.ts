#!/usr/bin/env node
// `npx playwright-stacks <command>`.
import { parseArgs } from 'node:util';
import { messageOf } from '../errors.ts';
import { writeError, writeOut } from '../text/terminal.ts';
import { clean } from './clean.ts';
import { dev } from './dev.ts';
import { doctor } from './doctor.ts';
import { psql, psqlKept } from './psql.ts';
import { status } from './status.ts';

const HELP = `Usage: npx playwright-stacks <command>

  status [--json]     the runs on this machine: their slots, databases, servers, processes; and what was kept
  clean [--dry-run]   removes what dead runs left, here and on the server that STACKS_DATABASE_URL names, and what was kept
  doctor              whether all is there that a run needs, and what to do where it is not
  psql [slot | kept]  opens the database of a slot of the run in this folder (slot 0 by default), or one that was kept
  dev [args]          the application on a fresh database, until Ctrl-C; arguments go to Playwright (-c, --project);
                      on a copy of one that was kept: dev --kept NAME
`;

/** Resolves with the exit code. */
async function main([command, ...rest]: readonly string[]): Promise<number> {
  switch (command) {
    case 'status':
      return status(options(rest, ['json']).json ? 'json' : 'text');
    case 'clean':
      return clean(options(rest, ['dry-run'])['dry-run'] ? 'look' : 'remove');
    case 'doctor':
      options(rest, []);
      return doctor(process.cwd());
    case 'psql':
      return rest[0]?.startsWith('stk_kept_') ? psqlKept(only(rest)) : psql(slotOf(rest));
    case 'dev':
      return dev(rest);
    case undefined:
    case 'help':
    case '--help':
    case '-h':
      writeOut(HELP);
      return 0;
    default:
      throw new Error(`there is no command '${command}'.\n\n${HELP}`);
  }
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
  throw new Error('psql takes the number of a slot, `npx playwright-stacks psql 2`, or the name of what was kept.');
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
