// A failed test, or hook, is given what explains it: what its servers have printed.
import { appendFileSync, existsSync } from 'node:fs';
import type { TestInfo } from '@playwright/test';
import { messageOf } from '../../errors.ts';
import { detailsOf } from '../../failure/details.ts';
import type { Failure, LateBefore, Statements } from '../../failure/failure.ts';
import { failureCard } from '../../failure/failure-card.ts';
import { failureMarkdown } from '../../failure/failure-markdown.ts';
import { rowsText } from '../../failure/rows-text.ts';
import { statementsText } from '../../failure/statements-text.ts';
import { writeError } from '../../text/terminal.ts';
import type { ObservedTest } from '../../worker/observed-test.ts';
import { KEPT } from './keep.ts';
import { commandsIn, reproduce } from './reproduce.ts';
import { requestsSince } from './requests-made.ts';
import { testRef } from './test-ref.ts';
import { currentSession } from './worker-session.ts';
import { worker } from './worker-state.ts';

/** Before anything is rewound. What is returned writes for programs what is known by then: how kept databases are opened, too. */
export async function explainFailure(
  observed: ObservedTest,
  testInfo: TestInfo,
  late: LateBefore | undefined,
): Promise<() => Promise<void>> {
  let write = async () => {};
  if (worker.explained.has(testInfo)) return write; // its hooks come here, too
  worker.explained.add(testInfo);
  await orSay(testInfo, async () => {
    const gathered = await observed.gather();
    const failure = { ...gathered, late, requests: requestsSince(gathered.began, observed.stack) };
    write = () => orSay(testInfo, () => writeForPrograms(failure, testInfo));
    for (const detail of detailsOf(failure)) {
      currentSession()?.emit({ type: 'failure-detail', test: testRef(testInfo), ...detail });
    }
    await attach(failure, testInfo);
  });
  return write;
}

/** Of a test that passes, where `sql` is 'on'. */
export async function showStatements(observed: ObservedTest, testInfo: TestInfo): Promise<void> {
  await orSay(testInfo, async () => attachStatements(await observed.statements(), testInfo));
}

/** The picture first: it is what is looked at. */
async function attach(failure: Failure, testInfo: TestInfo): Promise<void> {
  const { logs, statements, rows } = failure;
  await testInfo.attach('what happened', { body: failureCard(failure), contentType: 'image/svg+xml' });
  await attachStatements(statements, testInfo);
  if (rows.count > 0) await testInfo.attach('rows changed', { body: rowsText(rows), contentType: 'text/plain' });
  for (const { server, text } of logs) {
    await testInfo.attach(`server log: ${server}`, { body: text, contentType: 'text/plain' });
  }
}

async function attachStatements(statements: Statements | undefined, testInfo: TestInfo): Promise<void> {
  if (!statements || statements.count === 0) return;
  await testInfo.attach('sql', { body: statementsText(statements), contentType: 'text/plain' });
}

/** Added to what Playwright has for them, where this version writes it. */
async function writeForPrograms(failure: Failure, testInfo: TestInfo): Promise<void> {
  const kept = testInfo.annotations.flatMap(({ type, description = '' }) =>
    type === 'stacks' && description.startsWith(KEPT) ? commandsIn(description) : [],
  );
  const text = failureMarkdown(failure, [reproduce(testInfo, process.cwd()), ...kept]);
  const context = testInfo.attachments.findLast(({ name, path }) => name === 'error-context' && path !== undefined);
  if (context?.path !== undefined && existsSync(context.path)) appendFileSync(context.path, `\n${text}`);
  else await testInfo.attach('stack.md', { body: text, contentType: 'text/markdown' });
}

/** Nothing that goes wrong here, as on a full disk, is worth another error than the test's own. */
async function orSay(testInfo: TestInfo, work: () => Promise<void>): Promise<void> {
  await work().catch((error) => {
    writeError(`playwright-stacks: what explains '${testInfo.title}' could not be attached: ${messageOf(error)}\n`);
  });
}
