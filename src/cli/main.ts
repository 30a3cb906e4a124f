#!/usr/bin/env node
// `npx playwright-stacks <command>`.
import { messageOf } from '../errors.ts';
import { writeError, writeOut } from '../text/terminal.ts';
import { callOf } from './usage.ts';

/** Resolves with the exit code. */
async function main(args: readonly string[]): Promise<number> {
  const call = callOf(args);
  if (call.kind === 'run') return call.command.run(call.args);
  writeOut(call.text);
  return 0;
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
