// What a failed test is given to be understood by: the net changes that it made, and the commonest surprise.
import { stripVTControlCharacters } from 'node:util';
import type { TestInfo } from '@playwright/test';
import type { RewoundTest } from '../../lease/protocol.ts';
import { safe } from '../../text/terminal.ts';
import type { Session } from '../../worker/session.ts';
import { withChangedColumns } from '../fixtures/change-options.ts';
import { requestsSince } from './requests-made.ts';
import { missesRows, rewoundHint } from './rewound-hint.ts';
import { oldStateHint } from './storage-state.ts';
import { testRef } from './test-ref.ts';

/** What is attached of the changed rows. */
const MOST = { rows: 500, characters: 1_000 };
/** And of it as JSON, where rows have many long columns. */
const MOST_CHARACTERS = 2_000_000;

/**
 * @param rewound the last test of this worker that made rows, which are gone
 * @param began when the test did: milliseconds since 1970
 */
export async function reportFailure(
  session: Session,
  testInfo: TestInfo,
  rewound: RewoundTest | undefined,
  began: number,
): Promise<void> {
  for (const text of [await hintOf(session, testInfo, rewound, began), oldStateHint()]) {
    if (text === undefined) continue;
    testInfo.annotations.push({ type: 'stacks', description: safe(text) });
    session.emit({ type: 'hint', test: testRef(testInfo), text });
  }
  await attachPatch(session, testInfo);
  // A test that did DDL has no list of changes.
  const { changes, rows } = await session.firstChanges(MOST).catch(() => ({ changes: [], rows: 0 }));
  if (changes.length === 0) return;
  const lines = fitting(changes.map((change) => JSON.stringify(withChangedColumns(change), undefined, 2)));
  const part = lines.length < rows ? `, the first ${lines.length} of ${rows} rows` : '';
  const body = `[\n${lines.join(',\n')}\n]\n`;
  await testInfo.attach(`database changes${part}`, { body, contentType: 'application/json' });
}

/** What the test has changed in its worktree. */
async function attachPatch({ workspace }: Session, testInfo: TestInfo): Promise<void> {
  // One that cannot be read is made anew, and the report says so.
  const patch = (await workspace?.patch().catch(() => '')) ?? '';
  if (patch === '') return;
  const isCut = patch.length > MOST_CHARACTERS;
  const body = isCut
    ? `${patch.slice(0, MOST_CHARACTERS)}\n… cut: the patch is ${patch.length} characters long\n`
    : patch;
  await testInfo.attach(isCut ? 'file changes, the first part' : 'file changes', { body, contentType: 'text/x-diff' });
}

/** Of tests in one file first, wherever they ran; a file before it matters only where all run one after the other. */
async function hintOf(
  session: Session,
  testInfo: TestInfo,
  last: RewoundTest | undefined,
  began: number,
): Promise<string | undefined> {
  const test = testRef(testInfo);
  const failed = {
    errors: testInfo.errors.map(({ message = '' }) => stripVTControlCharacters(message)),
    statuses: requestsSince(began, session.stack).flatMap(({ status, isPart }) => (isPart ? [] : (status ?? []))),
    mayRemember: session.servers.mayRemember,
  };
  if (testInfo.status === 'interrupted' || !missesRows(failed)) return undefined;
  if (last?.test.file === test.file) return rewoundHint(last, 'group', failed);
  // Where the run is over no hint is worth an error.
  const before = await session.rewoundBefore(test).catch(() => undefined);
  if (before?.test.file === test.file) return rewoundHint(before, 'worker', failed);
  return before && testInfo.config.workers === 1 ? rewoundHint(before, 'file', failed) : undefined;
}

/** As many of the first as fit. */
function fitting(texts: readonly string[]): readonly string[] {
  let characters = 0;
  const most = texts.findIndex((text) => {
    characters += text.length;
    return characters > MOST_CHARACTERS;
  });
  return most < 0 ? texts : texts.slice(0, most);
}
