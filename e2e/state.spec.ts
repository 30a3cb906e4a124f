// The run's state, as a reporter of the suite follows it, as the command line prints it, as the board's page gets it, and
// as the report has it;
// and a worker that is killed.

import type { BoardMessage } from '../src/board/board-model.ts';
import { readData } from '../src/board/report/report-data.ts';
import { reduce } from '../src/state/reduce.ts';
import { INITIAL_STATE, type RunState } from '../src/state/run-state.ts';
import { configText, only } from './harness/config-text.ts';
import { documents } from './harness/documents.ts';
import type { StampedEvent } from './harness/events-file.ts';
import { expect, test } from './harness/test.ts';

test.use({ templates: 'shared' });

const documented = documents.flatMap(({ blocks }) => blocks).find(({ file }) => file === 'progress-reporter.mjs');

test('ten tests on three workers, one of them killed: all have a result, and the state shows who was replaced', {
  tag: '@matrix',
}, async ({ project, start }) => {
  test.setTimeout(150_000);
  const files = {
    'playwright.config.ts': configText({
      config: `fullyParallel: true, retries: 1, reporter: [['./follow.mjs'], ['./progress-reporter.mjs']]`,
      server: '',
      options: `report: { when: 'always', trace: true }`,
    }),
    'progress-reporter.mjs': documented?.code ?? '',
    'follow.mjs': `
      import { appendFileSync } from 'node:fs';
      import { runState, subscribe } from 'playwright-stacks/state';
      export default class {
        constructor() {
          subscribe(() => { throw new Error('of a listener'); });
          subscribe(({ progress }, { type, test }) => {
            appendFileSync('updates', JSON.stringify({ type, id: test?.id, progress }) + '\\n');
          });
        }
        onEnd() {
          appendFileSync('last', JSON.stringify(runState()));
        }
      }
    `,
    ...only(`
      import { execFileSync } from 'node:child_process';
      import { readFileSync, writeFileSync } from 'node:fs';
      import { createRequire } from 'node:module';
      import { expect, test } from 'playwright-stacks';
      let done = 0;
      const isFirst = (name) => {
        try { writeFileSync(name, '', { flag: 'wx' }); return true; } catch { return false; }
      };
      const status = () => {
        const main = createRequire(import.meta.url).resolve('playwright-stacks').replace('index.js', 'cli/main.js');
        const { runs } = JSON.parse(execFileSync(process.execPath, [main, 'status', '--json'], { encoding: 'utf8' }));
        return runs.find(({ root }) => root === process.cwd()).state;
      };
      for (let task = 0; task < 10; task += 1) {
        test('task ' + task, async ({ db, stack }, { testId }) => {
          if (done === 2 && isFirst('killed')) process.kill(process.pid, 'SIGKILL');
          await db.query('INSERT INTO items (name) VALUES ($1)', [String(task)]);
          expect(() => stack.url).toThrow('the stack has no server'); // It is a database.
          if (task === 9) {
            const { progress, files, stacks } = status();
            expect(progress).toMatchObject({ total: 10, failed: 0 });
            expect(files['a.spec.ts'].tests[testId].status).toBe('running');
            expect(stacks['slot 0'].status).toBe('open');
          }
          done += 1;
        });
      }
    `),
  };
  const mini = await project('mini', { files, mayWrite: ['killed', 'updates', 'last', 'stacks-report/'] });
  const running = await start(mini, ['--workers=3'], { env: { STACKS_BOARD: '1' }, timeout: 120_000 });
  const [, board = ''] = await running.waitForOutput(/^\[stacks\] board: (http:.*)$/m);
  const shown = follow(board);
  const { exitCode, output, events } = await running.done;
  const messages = await shown;
  expect(output).toContain("a listener of the run's state failed and is called no more: of a listener");
  expect(output).toMatch(
    /\[stacks\] worker \d \(slot \d\) was killed in 'task \d' \(signal SIGKILL\); another one takes its place/,
  );
  expect(output).toContain('10 of 10 tests are over, 0 failed\n');
  expect(output).toMatch(/^\d+ rewinds took \d+ ms$/m);
  expect(exitCode, output).toBe(0);

  expect(output.match(/board:/g)).toHaveLength(1);
  const models = modelsOf(messages);
  expect(messages.at(-1)?.type).toBe('end');
  expect(models.at(-1)?.progress).toMatchObject({
    total: 10,
    waiting: 0,
    running: 0,
    completed: 10,
    failed: 0,
    flaky: 1,
  });
  expect(
    models.some(({ setup }) => setup.steps.some(({ step }) => step === 'database.migrate' || step === 'postgres')),
  ).toBe(true);
  const completed = models.map(({ progress }) => progress.completed);
  expect(completed).toEqual([...completed].sort((one, other) => one - other));

  expect(output).toContain('[stacks] report: stacks-report/index.html, stacks-report/index.trace.json\n');
  const [reported] = readData(await mini.read('stacks-report/index.html')).runs;
  expect(reported?.state.progress).toMatchObject({ completed: 10, flaky: 1 });
  expect(reported?.timeline.lanes['slot 0']?.some(({ kind }) => kind === 'rewind')).toBe(true);
  expect(await mini.read('stacks-report/index.trace.json')).toContain('"thread_name"');

  const last = JSON.parse(await mini.read('last'));
  expect(last.progress).toMatchObject({ total: 10, waiting: 0, running: 0, completed: 10, failed: 0, flaky: 1 });
  const workers = Object.values(last.workers as Record<string, { slot: number; health: string; why?: object }>);
  expect(workers.filter(({ health }) => health !== 'healthy')).toMatchObject([
    { health: 'replaced', why: { reason: 'killed', exit: 'signal SIGKILL', test: { file: 'a.spec.ts' } } },
  ]);
  const latest = new Map(workers.map(({ slot, health }) => [slot, health]));
  expect([...latest.values()]).toEqual(['healthy', 'healthy', 'healthy']);
  const killed = events.find((event): event is Extract<StampedEvent, { type: 'test-result' }> => 'failure' in event);
  expect(last.files['a.spec.ts'].tests[killed?.test.id ?? '']).toMatchObject({
    status: 'flaky',
    attempts: 2,
    moves: 1,
  });

  const updates = (await mini.read('updates'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const planned = updates.slice(updates.findIndex(({ type }) => type === 'tests-planned'));
  for (const id of Object.keys(last.files['a.spec.ts'].tests)) {
    expect(planned.some((update) => update.type === 'test-result' && update.id === id)).toBe(true);
  }
  for (const [index, { progress }] of planned.entries()) {
    expect(progress.total).toBe(10);
    expect(progress.waiting + progress.running + progress.completed).toBe(10);
    expect(progress.completed).toBeGreaterThanOrEqual(planned[index - 1]?.progress.completed ?? 0);
  }
});

/** What a page of the board gets, until its run is over. */
async function follow(board: string): Promise<readonly BoardMessage[]> {
  const events = await fetch(new URL('events', board));
  const text = await events.text();
  return text
    .split('\n\n')
    .filter(Boolean)
    .map((message) => JSON.parse(message.replace(/^data: /, '')));
}

function modelsOf(messages: readonly BoardMessage[]): readonly RunState[] {
  let state = INITIAL_STATE;
  return messages.flatMap((message) => {
    if (message.type === 'end') return [];
    const events = message.type === 'events' ? message.events : [];
    if (message.type === 'model') state = message.model.state;
    const states = events.map((event) => {
      state = reduce(state, event);
      return state;
    });
    return message.type === 'model' ? [state] : states;
  });
}
