// The lines that people read, one for each kind of event.
import { expect, test } from '@playwright/test';
import { eventLine } from './report-text.ts';

const of = { slot: 0, variant: 'default', worker: 0 };

test('what a test cost that cannot be rewound is told by its parts', () => {
  const event = {
    ...of,
    type: 'rewind-impossible',
    test: 'adds a column',
    reason: 'ddl',
    what: 'ALTER TABLE',
  } as const;
  const line = "'adds a column' cannot be rewound (ddl: ALTER TABLE): the stack was opened anew in 8203 ms";
  expect(eventLine({ ...event, ms: 8203 })).toBe(line);
  const opened = { clone: 67, prepare: 0, servers: { web: 7655 }, total: 7722 };
  expect(eventLine({ ...event, ms: 8203, opened })).toBe(`${line} (clone 67, web 7655)`);
});
