import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { Events, type StacksEvent } from '../events.ts';
import { StateStore } from '../state/state-store.ts';
import { annotationLine } from '../text/annotation.ts';
import { GitHub } from './github.ts';

const TITLE = 'adds *one*, <b>:\n::error::x';
const planned = { id: 'one', title: TITLE, titlePath: ['notes', TITLE], file: 'a.spec.ts', project: '' };
const of = { ...planned, retry: 0 };
const errors = [{ message: 'expected 1\nreceived 50%, password: "hush"', at: 'lib/helper.ts:12' }];
const failed = {
  type: 'test-result',
  test: of,
  worker: 0,
  slot: 0,
  outcome: 'failed',
  isFinal: true,
  ms: 600,
} as const;
const detail = { type: 'failure-detail', slot: 0, variant: 'default', worker: 0, test: of } as const;

function report(env: Record<string, string>, isBesideOwn = false, times = 1): string[] {
  const lines: string[] = [];
  const write = (line: string) => void lines.push(line);
  const github = new GitHub({ env: { GITHUB_WORKSPACE: '/repo', ...env }, command: write, print: write });
  github.begin('/repo/web/e2e', isBesideOwn);
  const events = new Events();
  new StateStore(events).subscribe((state, event) => github.hear(state, event));
  const emitted: StacksEvent[] = [
    { type: 'tests-planned', tests: [planned], workers: 1, isFullyParallel: false },
    { ...detail, about: 'server "web"', text: 'Error: no such row' },
    ...Array.from({ length: times }, () => ({ ...failed, errors })),
    { type: 'tests-over', ms: 2_000 },
  ];
  for (const event of emitted) events.emit(event);
  return lines;
}

test('a failed test is annotated at its line, with what its server said; nothing of it is obeyed', () => {
  expect(report({ GITHUB_ACTIONS: 'true' })).toEqual([
    '::error title=notes › adds *one*%2C <b>%3A%0A\\%3A%3Aerror%3A%3Ax,file=web/e2e/lib/helper.ts,line=12::' +
      'expected 1%0Areceived 50%25, password: "***"%0Aserver "web": Error: no such row',
  ]);
  expect(report({})).toEqual([]);
});

test('beside Playwright’s own it says only what that does not know, and as often as GitHub shows it', () => {
  const [line, ...others] = report({ GITHUB_ACTIONS: 'true' }, true, 30);
  expect(line).toMatch(/^::notice title=.*line=12::server "web": Error: no such row$/);
  expect(others).toHaveLength(9);
});

test('the job’s page gets the summary, as text', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'stk-summary-'));
  const file = join(folder, 'summary.md');
  expect(report({ GITHUB_STEP_SUMMARY: file })).toEqual([]);
  expect(readFileSync(file, 'utf8')).toBe(
    `### playwright-stacks: 1 file: 0 passed, 1 failed, 0 cancelled

- FAIL a.spec.ts \\(1 of 1 test failed, 0.6 s, slot 0\\)
  - 'adds \\*one\\*, &lt;b&gt;:\\\\n\\\\::error::x': server "web": Error: no such row
- 1 test: 1 failed
- wall clock 2.0 s; the files' times add up to 0.6 s

`,
  );
  await rm(folder, { recursive: true });
  const [line] = report({ GITHUB_STEP_SUMMARY: file });
  expect(line).toMatch(/^the job summary \(GITHUB_STEP_SUMMARY\) could not be written: ENOENT/);
  expect(existsSync(folder)).toBe(false);
});

test('an annotation is one line, whatever is in it', () => {
  const message = '\x1b[31mred\x1b[0m\r\n::warning::\x07';
  expect(annotationLine({ level: 'notice', title: '', message })).toBe('::notice title=::red%0A\\::warning::\\x07');
});
