// The report: one file that needs nobody, in real Chromium; merged from shards; written or not.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { type Browser, expect, test } from '@playwright/test';
import { scratchFolder } from '../../../fixtures/programs/programs.ts';
import { Events, type StacksEvent } from '../../events.ts';
import { launch } from '../../testing/browser.ts';
import { type BoardModel, EMPTY_MODEL, reduceModel } from '../board-model.ts';
import type { PageFiles } from '../page-files.ts';
import { AXE, bundledPage } from '../testing/browser.ts';
import { booting, running } from '../testing/sample-run.ts';
import { mergeReports } from './merge-reports.ts';
import { perfettoTrace } from './perfetto.ts';
import { dataElement, REPORT_VERSION, type ReportData, readData } from './report-data.ts';
import { writeReport, writeRuns } from './write-report.ts';

test.describe.configure({ mode: 'default' });

const files: PageFiles = { script: '', style: '' };
let folder: string;
let remove: () => void;
test.beforeEach(() => {
  ({ folder, remove } = scratchFolder());
});
test.afterEach(() => remove());

const sample = { slots: 3, files: 8, tests: 5, began: 1_700_000_000_000 };
const finished = [...booting(sample), ...running(sample, 1)].reduce(reduceModel, EMPTY_MODEL);
const evil = `</script><script>document.title='owned'</script><!--<script>`;

test.describe('in a browser', () => {
  let browser: Browser;
  let page: PageFiles;
  test.beforeAll(async () => {
    [browser, page] = await Promise.all([launch(), bundledPage()]);
  });
  test.afterAll(() => browser.close());

  test('opened from a file it shows the run, asks nobody for anything, and is small', async () => {
    const file = join(folder, 'index.html');
    const broken = { ...finished, state: { ...finished.state, broken: evil } };
    writeRuns({ runs: [broken], missing: [] }, file, page);
    const tab = await browser.newPage({ reducedMotion: 'reduce' });
    const requests: string[] = [];
    const problems: string[] = [];
    tab.on('request', (request) => requests.push(request.url()));
    tab.on('pageerror', (error) => problems.push(error.message));
    tab.on('console', (message) => problems.push(message.text()));
    await tab.goto(pathToFileURL(file).href);
    await expect(tab.getByRole('progressbar')).toHaveAttribute('aria-valuetext', '40 of 40');
    await expect(tab.getByRole('region', { name: 'The run is broken', exact: true })).toContainText(evil);
    await expect(
      tab
        .getByRole('region', { name: /^Failures/ })
        .first()
        .locator('details'),
    ).toHaveCount(3);
    await expect(tab.locator('canvas')).toBeVisible();
    expect(await tab.title()).toBe('playwright-stacks');
    expect(await tab.evaluate(AXE)).toEqual([]);
    expect(requests).toEqual([pathToFileURL(file).href]);
    expect(problems).toEqual([]);
    const data = dataElement(readData(readFileSync(file, 'utf8')));
    expect(readFileSync(file).length - data.length).toBeLessThan(150_000);
    await tab.close();
  });

  test('merged, it shows the shard that failed first, the others by choice, and what is missing', async () => {
    const quiet = shard(2, without(finished));
    writeRuns({ runs: [shard(3, finished)], missing: [] }, join(folder, 'all', 'third', 'index.html'), page);
    writeRuns({ runs: [quiet], missing: [] }, join(folder, 'second.html'), page);
    const merged = join(folder, 'index.html');
    const { runs, missing } = mergeReports(
      [join(folder, 'all'), join(folder, 'second.html'), join(folder, 'first')],
      merged,
      page,
    );
    expect([runs, missing]).toEqual([2, [expect.stringContaining(`${join(folder, 'first')}: ENOENT`)]]);
    const tab = await browser.newPage();
    await tab.goto(pathToFileURL(merged).href);
    await expect(tab.getByRole('region', { name: 'Not in this report' }).first()).toContainText('first: ENOENT');
    const choice = tab.getByRole('combobox', { name: 'Run' });
    await expect(choice.getByRole('option')).toHaveText([
      'shard 2 of 3: 0 of 40 failed',
      'shard 3 of 3: 2 of 40 failed',
    ]);
    await expect(choice).toHaveValue('1');
    await choice.selectOption('0');
    await expect(tab.getByRole('button', { name: /failed/ })).toHaveCount(0);
    await tab.close();
  });

  test('data of another version is said, and not guessed', async () => {
    const file = join(folder, 'index.html');
    writeRuns({ runs: [finished], missing: [] }, file, page);
    writeFileSync(file, readFileSync(file, 'utf8').replace('{"version":1,', '{"version":2,'));
    const tab = await browser.newPage();
    await tab.goto(pathToFileURL(file).href);
    await expect(tab.getByRole('region', { name: 'This report cannot be shown' }).first()).toContainText(
      'its data has version 2',
    );
    expect(mergeReports([file], join(folder, 'merged.html'), page)).toEqual({
      runs: 0,
      missing: [
        `${file}: its data has version 2, and this one reads version 1: use the version of playwright-stacks that wrote it`,
      ],
    });
    expect(readdirSync(folder)).toEqual(['index.html']);
    await tab.close();
  });
});

test('what is in a report is read back from it, whatever it says', () => {
  const state = { ...finished.state, broken: `${evil} \u2028 </SCRIPT>` };
  const data = { version: 1, runs: [{ ...finished, state }], missing: [] } as const;
  const html = `<html>${dataElement(data)}<script>1</script></html>`;
  expect(readData(html)).toEqual(JSON.parse(JSON.stringify(data)));
  expect(html.match(/<\/script/gi)).toHaveLength(2);
  expect(() => readData('<html></html>')).toThrow('it is no report of playwright-stacks');
});

test('a report whose data is damaged is no report', () => {
  for (const runs of [undefined, null, 'x', {}, [null], [{}], [{ state: 1, timeline: {} }]]) {
    const html = dataElement({ version: REPORT_VERSION, runs, missing: [] } as unknown as ReportData);
    expect(() => readData(html)).toThrow('its data is damaged');
  }
});

test('a report is written after the runs that ask for it', () => {
  const failed = finished;
  const passed = without(finished);
  const broken = { ...passed, state: { ...passed.state, broken: 'no' } };
  const written = (when: 'always' | 'on-failure' | 'never', model: BoardModel) => heard(when, model).length > 0;
  expect(['never', 'on-failure', 'always'].map((when) => written(when as 'never', failed))).toEqual([
    false,
    true,
    true,
  ]);
  expect([written('on-failure', passed), written('always', passed), written('on-failure', broken)]).toEqual([
    false,
    true,
    true,
  ]);
  expect(heard('always', passed, true)).toEqual([
    { type: 'report-written', file: join(folder, 'deep/index.html'), trace: join(folder, 'deep/index.trace.json') },
  ]);
  expect(readdirSync(join(folder, 'deep')).sort()).toEqual(['index.html', 'index.trace.json']);
});

test('a folder that cannot be written costs the report and a line, not the run', () => {
  writeFileSync(join(folder, 'deep'), 'a file in its place');
  expect(heard('always', finished)).toMatchObject([{ type: 'report-failed', why: expect.stringContaining('EEXIST') }]);
});

test('the file for ui.perfetto.dev has a thread for each lane, on which spans do not cross', () => {
  const { traceEvents } = JSON.parse(perfettoTrace([finished]));
  const names = traceEvents.filter(({ name }: { name: string }) => name === 'thread_name');
  expect(names.map(({ args }: { args: { name: string } }) => args.name).sort()).toEqual([
    'run',
    'slot 0',
    'slot 1',
    'slot 2',
  ]);
  const whole = traceEvents.filter(({ ph }: { ph: string }) => ph === 'X') as {
    tid: number;
    ts: number;
    dur: number;
  }[];
  expect(whole).toHaveLength(40);
  for (const one of whole) {
    for (const other of whole.filter(({ tid }) => tid === one.tid)) {
      const crosses = one.ts < other.ts && other.ts < one.ts + one.dur && one.ts + one.dur < other.ts + other.dur;
      expect(crosses).toBe(false);
    }
  }
  const begun = traceEvents.filter(({ ph }: { ph: string }) => ph === 'b').length;
  expect(traceEvents.filter(({ ph }: { ph: string }) => ph === 'e')).toHaveLength(begun);
});

/** What is said of it. */
function heard(when: 'always' | 'on-failure' | 'never', model: BoardModel, trace = false): StacksEvent[] {
  const events = new Events();
  const all: StacksEvent[] = [];
  events.on(({ at: _, run: __, ...event }) => all.push(event as StacksEvent));
  writeReport(model, { when, outputFile: join(folder, 'deep/index.html'), trace }, events, files);
  return all;
}

function without(model: BoardModel): BoardModel {
  const { state } = model;
  const isFailed = ({ status }: { status: string }) => status === 'failed';
  const filesOf = Object.entries(state.files).map(([key, file]) => {
    const tests = Object.entries(file.tests).map(([id, each]) => [
      id,
      isFailed(each) ? { ...each, status: 'passed' } : each,
    ]);
    return [key, { ...file, tests: Object.fromEntries(tests) }];
  });
  return {
    ...model,
    state: { ...state, files: Object.fromEntries(filesOf), progress: { ...state.progress, failed: 0 } },
  };
}

function shard(current: number, { state, timeline }: BoardModel): BoardModel {
  return { state: { ...state, run: `run${current}`, shard: { current, total: 3 } }, timeline };
}
