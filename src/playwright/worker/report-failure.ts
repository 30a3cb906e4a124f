// What a failed test is given to be understood by: the net changes that it made, and the commonest surprise.
import type { TestInfo } from '@playwright/test';
import { safe } from '../../text/terminal.ts';
import type { RewoundTest } from '../../worker/between-tests.ts';
import type { Session } from '../../worker/session.ts';
import { withChangedColumns } from '../fixtures/change-options.ts';

/** What is attached of the changed rows. */
const MOST = { rows: 500, characters: 1_000 };
/** And of it as JSON, where rows have many long columns. */
const MOST_CHARACTERS = 2_000_000;

/** @param rewound the last test of the group that made rows, which are gone */
export async function reportFailure(
  session: Session,
  testInfo: TestInfo,
  rewound: RewoundTest | undefined,
): Promise<void> {
  if (rewound) {
    const rows = rewound.rows === 1 ? '1 row' : `${rewound.rows} rows`;
    const verb = rewound.rows === 1 ? 'was' : 'were';
    const text = `${rows} made by '${rewound.title}' ${verb} rewound; \`describe.serial\` or \`isolation: 'file'\` keeps them`;
    testInfo.annotations.push({ type: 'stacks', description: safe(text) });
    session.emit({ type: 'hint', test: testInfo.title, text });
  }
  // A test that did DDL has no list of changes.
  const { changes, rows } = await session.firstChanges(MOST).catch(() => ({ changes: [], rows: 0 }));
  if (changes.length === 0) return;
  const lines = fitting(changes.map((change) => JSON.stringify(withChangedColumns(change), undefined, 2)));
  const part = lines.length < rows ? `, the first ${lines.length} of ${rows} rows` : '';
  const body = `[\n${lines.join(',\n')}\n]\n`;
  await testInfo.attach(`database changes${part}`, { body, contentType: 'application/json' });
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
