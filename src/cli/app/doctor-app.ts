// `doctor --app`: opens two slots, looks at what their servers do, and says what would not be isolated.
import { parseArgs } from 'node:util';
import type { StackInfo } from '../../lease/run-file.ts';
import { writeOut } from '../../text/terminal.ts';
import { poll } from '../../wait.ts';
import { NO_TEST, playwrightCli } from '../playwright-cli.ts';
import { table } from '../table.ts';
import { builtFiles, changedFiles, checkoutFiles, withoutReport } from './checkout-files.ts';
import { type Finding, findingsOfFiles, findingsOfReads, findingsOfRun, findingsOfServers } from './findings.ts';
import { HeldRun } from './held-run.ts';
import { type OpenedServer, type ServerUse, serverUse } from './server-use.ts';

/** Milliseconds in which a server that was asked for a page has connected to its database. */
const SESSION_TIMEOUT_MS = 3_000;

/** Exit code 1 when a run would not be isolated, or did not begin. */
export async function doctorApp(args: readonly string[], folder: string): Promise<number> {
  const before = checkoutFiles(folder);
  await using run = new HeldRun([playwrightCli(folder), 'test', ...playwrightArgs(args)]);
  const first = await run.open(0);
  if (!first) return failed(run, 'The run did not begin');
  const afterFirst = checkoutFiles(folder);
  const second = await run.open(1);
  if (!second) {
    const written = {
      first: changedFiles(before, afterFirst),
      second: changedFiles(afterFirst, checkoutFiles(folder)),
    };
    return failed(run, 'Slot 1 could not be opened', [
      secondSlotFinding,
      ...findingsOfFiles({ ...written, tests: [] }),
    ]);
  }
  const stacks = run.file()?.stacks ?? [];
  const uses: ServerUse[] = [];
  for (const opened of [first, second]) {
    const stack = stacks.find(({ slot, variant }) => slot === opened.slot && variant === opened.variant);
    if (stack) uses.push(...(await usesOf(opened.servers, stack, stacks)));
  }
  const afterSecond = checkoutFiles(folder);
  const code = await run.finish();
  const byFirst = changedFiles(before, afterFirst);
  const written = {
    first: byFirst,
    second: changedFiles(afterFirst, afterSecond),
    tests: withoutReport(changedFiles(afterSecond, checkoutFiles(folder)), folder, run.events()),
    built: builtFiles(byFirst, afterFirst, run.events()),
  };
  const findings = [
    ...findingsOfRun(run.events()),
    ...findingsOfReads(run.reads()),
    ...findingsOfServers(uses, run.events(), run.reads()),
    ...findingsOfFiles(written),
  ];
  print(findings);
  if (code !== 0) writeOut(`\nThe run failed:\n${run.output}`);
  return code !== 0 || findings.some(({ state }) => state === 'fail') ? 1 : 0;
}

/** The project's config and projects, and the tests that are named; without any, none runs. */
function playwrightArgs(args: readonly string[]): string[] {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      app: { type: 'boolean' },
      config: { type: 'string', short: 'c' },
      project: { type: 'string', multiple: true },
      grep: { type: 'string', short: 'g' },
    },
    allowPositionals: true,
  });
  const { config, project = [], grep } = values;
  const hasTests = positionals.length > 0 || grep !== undefined;
  return [
    ...positionals,
    ...(config === undefined ? [] : [`--config=${config}`]),
    ...project.map((name) => `--project=${name}`),
    ...(grep === undefined ? [] : [`--grep=${grep}`]),
    ...(hasTests ? [] : [NO_TEST, '--pass-with-no-tests']),
    ...['--workers=2', '--global-timeout=0', '--reporter=line'],
  ];
}

/** Each is asked for its page first: many connect when they are asked. */
async function usesOf(
  servers: readonly OpenedServer[],
  stack: StackInfo,
  all: readonly StackInfo[],
): Promise<ServerUse[]> {
  const signal = AbortSignal.timeout(10_000);
  const pages = Object.values(stack.servers).map((url) => fetch(url, { redirect: 'manual', signal }));
  await Promise.allSettled(pages); // What it answers is no matter.
  return Promise.all(
    servers.map(async (server) => {
      let use = await serverUse(server, stack, all);
      await poll(
        async () => {
          use = await serverUse(server, stack, all);
          return use.own.length > 0 || undefined;
        },
        { timeout: SESSION_TIMEOUT_MS, interval: 200 },
      );
      return use;
    }),
  );
}

/** What two of the same servers cannot both have is what no run may have. */
const secondSlotFinding: Finding = {
  ...{ state: 'fail', about: 'slot 1', found: 'cannot be opened beside slot 0' },
  todo: 'see its error below: a fixed port, a lock or a file that both want',
};

async function failed(run: HeldRun, what: string, findings: readonly Finding[] = []): Promise<number> {
  await run.end();
  print([...findingsOfRun(run.events()), ...findingsOfReads(run.reads()), ...findings]);
  writeOut(`\n${what}:\n${run.output}`);
  return 1;
}

function print(findings: readonly Finding[]): void {
  writeOut(
    table(
      findings.map(({ state, about, found }) => [state, about, found]),
      '',
    ),
  );
  const todo = findings.flatMap(({ about, todo }) => (todo === undefined ? [] : [`${about}: ${todo}`]));
  writeOut(todo.length === 0 ? '\nEverything looks good.\n' : `\nTo do:\n  ${[...new Set(todo)].join('\n  ')}\n`);
}
