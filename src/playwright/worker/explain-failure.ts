// A failed test, or hook, is given what explains it: what its servers have printed.
import type { TestInfo } from '@playwright/test';
import { messageOf } from '../../errors.ts';
import type { Failure } from '../../failure/failure.ts';
import { lastErrorLine } from '../../text/error-line.ts';
import { writeError } from '../../text/terminal.ts';
import type { ObservedTest } from '../../worker/observed-test.ts';
import { testRef } from './test-ref.ts';
import { currentSession } from './worker-session.ts';
import { worker } from './worker-state.ts';

/** Nothing that goes wrong here, as on a full disk, is worth another error than the test's own. */
export async function explainFailure(observed: ObservedTest, testInfo: TestInfo): Promise<void> {
  if (worker.explained.has(testInfo)) return; // its hooks come here, too
  worker.explained.add(testInfo);
  try {
    const failure = await observed.gather();
    for (const detail of detailsOf(failure)) {
      currentSession()?.emit({ type: 'failure-detail', test: testRef(testInfo), ...detail });
    }
    await attach(failure, testInfo);
  } catch (error) {
    writeError(`playwright-stacks: what explains '${testInfo.title}' could not be attached: ${messageOf(error)}\n`);
  }
}

/** What the reporter says under a failed file. */
function detailsOf({ logs }: Failure): { about: string; text: string }[] {
  return logs.flatMap(({ server, text }) => {
    const line = lastErrorLine(text);
    return line === undefined ? [] : [{ about: `server "${server}"`, text: line }];
  });
}

async function attach({ logs }: Failure, testInfo: TestInfo): Promise<void> {
  for (const { server, text } of logs) {
    await testInfo.attach(`server log: ${server}`, { body: text, contentType: 'text/plain' });
  }
}
