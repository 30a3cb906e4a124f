// `audit`: finds out what an application remembers, and which tests depend on others, by running them in several orders.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { examine, REFERENCE } from '../../audit/examine.ts';
import type { SeenRun } from '../../audit/seen.ts';
import { printableJson } from '../../text/printable.ts';
import { writeError, writeOut } from '../../text/terminal.ts';
import { auditJson, auditText, runLine } from './audit-text.ts';
import { AuditedRuns, Interrupted, type TriedRun } from './audited-runs.ts';
import { refuseAllFailing, refuseSameOrder } from './refusals.ts';

const INTERRUPTED = 130;

/** Exit code 1 where a test depends on another. */
export async function audit(args: readonly string[], folder: string): Promise<number> {
  const { seed, as, playwright } = parsed(args);
  const done: TriedRun[] = [];
  await using runs = new AuditedRuns(folder, playwright, (run) => {
    done.push(run);
    writeError(runLine(run));
  });
  try {
    await runs.prepare();
    const all = await runsInAllOrders(runs, seed);
    const examined = await examine(all, runs, (about, test) => {
      const { file = '', title = '' } = runs.tests.get(test) ?? {};
      writeError(`${SAID[about]}: ${file} › ${title}\n`);
    });
    if (as === 'json') writeOut(`${printableJson(auditJson(examined, { runs: done, tests: runs.tests, seed }))}\n`);
    else writeOut(auditText(examined, runs.tests));
    return examined.findings.length + examined.left.length > 0 ? 1 : 0;
  } catch (error) {
    if (!(error instanceof Interrupted)) throw error;
    writeError('Interrupted.\n');
    return INTERRUPTED;
  }
}

/** The reference first. */
async function runsInAllOrders(runs: AuditedRuns, seed: string): Promise<SeenRun[]> {
  const reference = await runs.all('file', REFERENCE);
  const inFileOrder = await runs.all('file', {});
  refuseAllFailing([reference, inFileOrder]);
  const reversed = await runs.all('reversed', {});
  refuseSameOrder(inFileOrder, reversed);
  return [reference, inFileOrder, reversed, await runs.all({ seed }, {})];
}

const SAID = {
  differs: 'differs between runs',
  alone: 'runs by itself',
  looking: 'looking for what it depends on',
  found: 'found',
};

function parsed(args: readonly string[]) {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: {
      json: { type: 'boolean' },
      seed: { type: 'string' },
      config: { type: 'string', short: 'c' },
      project: { type: 'string', multiple: true },
      grep: { type: 'string', short: 'g' },
    },
    allowPositionals: true,
  });
  const { json, seed = String(randomInt(1_000_000)), config, project = [], grep } = values;
  const playwright = [
    ...positionals,
    ...(config === undefined ? [] : [`--config=${config}`]),
    ...project.map((name) => `--project=${name}`),
    ...(grep === undefined ? [] : [`--grep=${grep}`]),
  ];
  return { seed, as: json ? 'json' : 'text', playwright } as const;
}
