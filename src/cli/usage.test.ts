// The command line's help, which says of each command what docs/command-line.md says.
import { readFileSync } from 'node:fs';
import { expect, test } from '@playwright/test';
import { COMMANDS } from './commands.ts';
import { callOf } from './usage.ts';

const textOf = (...args: readonly string[]) => {
  const call = callOf(args);
  return call.kind === 'help' ? call.text : `runs with ${call.args.join(' ')}`;
};

test('each command has its own help, wherever --help stands', () => {
  expect(textOf('psql', '--help')).toBe(`Usage: npx playwright-stacks psql [slot | name]

Opens the database of a slot of the run in this folder (default: slot 0), also while a test is
paused in UI mode, or a database that was kept. Without a terminal it prints the connection string;
that of a copy of a kept database is good until Ctrl-C.
`);
  for (const name of Object.keys(COMMANDS)) {
    const usage = textOf(name, '--help');
    expect(usage).toContain(`Usage: npx playwright-stacks ${name} `);
    expect([textOf(name, '-h'), textOf('help', name), textOf(name, 'x', '--help')]).toEqual([usage, usage, usage]);
  }
  expect(textOf()).toMatch(
    /^Usage: npx playwright-stacks <command>\n\n {2}init .*\n.*\n {2}status \[--json \| --watch\] +lists the runs/,
  );
  expect(textOf('--help')).toBe(textOf());
});

test('an unknown command or option is named, with what was probably meant', () => {
  expect(() => callOf(['statsu'])).toThrow("unknown command 'statsu'; did you mean 'status'?\n\nUsage: ");
  expect(() => callOf(['help', 'x'])).toThrow("unknown command 'x'.\n\nUsage: ");
  expect(() => callOf(['status', '--jsn'])).toThrow(
    "unknown option '--jsn' of status; did you mean '--json'?\n\nUsage: npx playwright-stacks status [--json | --watch]\n",
  );
  expect(() => callOf(['clean', '--dryrun'])).toThrow("did you mean '--dry-run'?");
  expect(() => callOf(['psql', '-x'])).toThrow("unknown option '-x' of psql.\n\nUsage: ");
  expect(() => callOf(['doctor', '--ap'])).toThrow("did you mean '--app'?");
});

test('what is known, or is for Playwright, is passed on', () => {
  expect(textOf('merge-reports', 'one', '-o', 'x.html')).toBe('runs with one -o x.html');
  expect(textOf('merge-reports', 'one', '-ox.html')).toBe('runs with one -ox.html');
  expect(textOf('doctor', '--app', '--config=e2e/x.ts', '-g', 'signs in')).toMatch(/^runs with --app --config=/);
  expect(textOf('dev', '--kept', 'NAME', '--trace=on')).toBe('runs with --kept NAME --trace=on');
});

test('the documentation says the same of each command', () => {
  const page = readFileSync(new URL('../../docs/command-line.md', import.meta.url), 'utf8');
  const rows = page.split('\n').flatMap((line) => {
    const [, call, does] = /^\| `npx playwright-stacks (.*?)` +\| (.*?) +\|$/.exec(line) ?? [];
    return call && does ? [[call.replaceAll('\\|', '|'), plain(does)]] : [];
  });
  expect(rows).toEqual(Object.entries(COMMANDS).map(([name, { arguments: rest, does }]) => [`${name} ${rest}`, does]));
});

function plain(markdown: string): string {
  return markdown.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1').replaceAll('`', '');
}
